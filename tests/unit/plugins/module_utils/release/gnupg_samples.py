# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Signatures made by GnuPG 2.2.40 with a clock set back, as pysequoia cannot make them: the work of years.

One key with three subkeys, each of them expired by now. gpgv accepts all three signatures (exit 0, EXPKEYSIG).
"""

from __future__ import annotations

import base64

TEXT = b"# SHA512 HASH\n0123  file\n- dash\n"

#: The subkey of REVOKED was revoked after that it had expired, that of LATE expired a year before it signed.
KEY = """\
-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEWkl6ABYJKwYBBAHaRw8BAQdAnY+JscqW+RLJZN+QCrxf2XZxMJ+s8UoiKjnS
CE1afwW0G1NhbXBsZSA8c2FtcGxlQGV4YW1wbGUuY29tPoiQBBMWCAA4FiEEBBjN
Bbzc4bAwwdwrP8P/RDdQP04FAlpJegACGwEFCwkIBwIGFQoJCAsCBBYCAwECHgEC
F4AACgkQP8P/RDdQP05S9gD/Q9+XAKpDrz3h3tsHd1dstYnq1PJeSHX4Dc+7GjM6
yaEA/1a3W2gDVKqGRwuBtnMGw0msKlQ94bd3b/QwLt2Yq4cBuDMEWkrLgBYJKwYB
BAHaRw8BAQdALhmu7BrmCa7v03fkbsSDhiGlMu73slHi72VLux7RFMeIeAQoFggA
IBYhBAQYzQW83OGwMMHcKz/D/0Q3UD9OBQJrARkzAh0CAAoJED/D/0Q3UD9OaaAA
/16K7mzZK4Sb5+Y2WPrDEaK/IJkcY9a47F7bsPPxbPziAP9n67ydaEucoFRasNRx
iJh7mCo2CI5ebLl8HLCWRziQAIj1BBgWCAAmFiEEBBjNBbzc4bAwwdwrP8P/RDdQ
P04FAlpKy4ACGwIFCQHhM4AAgQkQP8P/RDdQP052IAQZFggAHRYhBDWRNankjAvP
3pZAbs6t2MOnAVwTBQJaSsuAAAoJEM6t2MOnAVwTmZ8A/jTBfxMYP4mmlsEu3/t/
tlIQaLn1XHVGKW6dcytCFv6rAQCmIFa2Trf50eT/MuyhlmWhemo+yb55sTchYQbx
9gIdDOxMAP43BrRn+J+uO6ZbFmt7UQ4UsU6OJXbfIUt5w5Z1mSwvzAEA5jY2uge0
IN/C4mZ2aiiKt9VSaa3OiglbaoBp2kQwDgq5AQ0EXCv/AAEIAOji7muMtJDz5HRS
HNPH2zf6F/k3xPuZKnyGPd61R533/OQW2OfGOwkI9dacR+UJpap6r5v3bykhPIkT
GnxDlh+tcbm8No4zavXo7UVosyzNN5VJe5o38aC4Jnywy0edxw86OMjfDsIG5TII
xE+Hq0S1xt41KAwJhkKIzujXK38JsJ5XoKhtP8oHdGoT3Qp4gllLXjq/tu9kWOXe
81z9EsEC783JpwM7pnOxTpVxwDKlsgmkgDO+1QqN0ROhOvpYw+u5lfl95NUkjPHE
TMndPa7bio1xszpc/c+gkVJAnRJNn8WGQ58sSgOANHt0Omk7pq1L0u1S6nMnzLm3
rNVehFcAEQEAAYkBtAQYFggAJhYhBAQYzQW83OGwMMHcKz/D/0Q3UD9OBQJcK/8A
AhsCBQkB4TOAAUAJED/D/0Q3UD9OwHQgBBkBCgAdFiEEKLvY7/bDQyMS26yNi0w+
EycJNKMFAlwr/wAACgkQi0w+EycJNKPz1AgAtLR8yAr/NP7kNrDWzQIlLUOCdW4N
pOcEsUD+vwnvVi/xUHCoP3YdK7fkjjsdnsnSNT/aL+FkPbBJGJZdiPbXOhHTa/JV
Bgwc7gmAzhKDXJKAjDjU8kXBvI+9Al4AHfPDsxRCCKKvtKWjTDR+O//wzHQIcKCI
v8X6cuZk+6YTIDun3HbFFVKGPy8472TvqKRlIC/wziPY0zBen7+lmVhRUlSQTEb7
fyNm112Ih2yiVbAHjdGpWmzLOGRvw9yP1Y/IJcHBA4U05b8/x9rkdAs5iMH4PAPD
PIvJYc77nfZP9ZBgoLpfLw7+AjBkQoOKg+KG6PvgxX7sxEHLb8sRWnJvuu+IAQCy
+9kkvu+iXMOJDYp5ONXMh/kS2AoAzlt7JLmdZ/h+igEAwaJv/ldMwXaylPLc+D9V
4LcBqfxR3NMCFBL7X0FQpga4MwReDTKAFgkrBgEEAdpHDwEBB0BP0Ogf3P1AjtoC
V2/e96mT3WwTdw/EY3mjxoXKI6Cp2oj1BBgWCAAmAhsCFiEEBBjNBbzc4bAwwdwr
P8P/RDdQP04FAmC1eIAFCQSJeYAAgXYgBBkWCAAdFiEERCsTzkkhCxajemj/3VJA
NSGYmmsFAl4NMoAACgkQ3VJANSGYmmv7jgD/UbRJRjfwt0R2xdWfa+nOdAcCl5c3
D4X8w9JPlyd0s/IBAIfYIc4wqCLJpr3P3IZwDZuC0V90LuSfm17lIjDjsj8ECRA/
w/9EN1A/TnLBAQCaiSaSO0MnrW02pXpoJzFDSgTfdKO4c8bBZyL8UUbViQD/ZF8+
JZ2yJKrfMKTcOBSO2Msd27b4v5QbvrNRdI6V5wg=
=tKUD
-----END PGP PUBLIC KEY BLOCK-----
"""

REVOKED = base64.b64decode(
    """
    iHUEABYIAB0WIQQ1kTWp5IwLz96WQG7OrdjDpwFcEwUCWxCMgAAKCRDOrdjDpwFcE1jPAQDvEQlwnFiqJ2Pu4Urcn4e/Qj+xtKCz
    WRlsjMfmIB6aoQEA0rKe+cEK0ZHjEDObJ8e76JyTrcb9Wnd4ezO3ZOU3hwQ=
    """
)

#: Made by an RSA key half a year before it expired.
GOOD = base64.b64decode(
    """
    iQEzBAABCgAdFiEEKLvY7/bDQyMS26yNi0w+EycJNKMFAlzxwAAACgkQi0w+EycJNKMlugf/eHhI+HhQB8n3r75DstNaGJsqhVGC
    VXKf6j9x7pKv6Mg6XFhD0t4rMqptyCkRa4ll2Q5txQRbJubkgNV6TEH8WDgXW1P0XsxaRDp773htG5tLpLK4ebg/id122bUcxpg8
    7Vv0JihApzSU1rM5VgKhrKgmV/AM+mLDzlIljMNya16Tl3N5RmyqBksvCbE0S81SffyqdlBGdoq/se57F7ILCoztRxd/b4NqRTtK
    tXcb4WtWRt/PuCLpZ10mSjHjJDnkDpzufd3vbTMiOMrMwmvWzsqmVJNJGfzb0pw4m3TUrmWHNJsTRjmboLJ7JqgUCyI02O94/KiQ
    QeF+pviILaD4kQ==
    """
)
GOOD_CLEARTEXT = b"""\
-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA512

# SHA512 HASH
0123  file
- - dash
-----BEGIN PGP SIGNATURE-----

iQEzBAEBCgAdFiEEKLvY7/bDQyMS26yNi0w+EycJNKMFAlzxwAAACgkQi0w+EycJ
NKPadgf/Zxz3GucHv9Uv+XpzhHOyLa7BFCSJSL3JZrhOlMWyWk0o0swzSiakNeQF
doAfAdsznjNKi68Rf2r4LSLHh0tkjBgA0j8hINsj0E+3miSCgzgzSaWOP5Yz4AIf
8OeWv3tzxQBM07RJ4IlgN31dwfIO4osgjs2WvkBvC+EHGr/HTIgUXd0mamEB5Qmk
opLni8tJT8vrKudknoh2KolkrMsR6A1tgKs+o9xFAkj2fcQSCMKHvHiLkUxLacv4
8LGTtL7DgRPSIFKVn83hJGC462OUOsKKe11MupGK9KN51nDlFgwPOT9TOov1XTiv
D2ckE9GGRXiMBA58X8pIA1zDHFWDUw==
=Klrm
-----END PGP SIGNATURE-----
"""

LATE = base64.b64decode(
    """
    iHUEABYIAB0WIQREKxPOSSELFqN6aP/dUkA1IZiaawUCZHffgAAKCRDdUkA1IZiaa2ENAQDk2n6vHToCWkXQZpwEjim8qMEuOMiM
    DfJ8tkopt8guUgEA6GvJcidj/oD6uD+agqcNHKJErBTFJZj4F9uHEyli0w4=
    """
)
