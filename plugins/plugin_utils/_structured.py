# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Lists and mappings that come as text: a survey of AWX has no other type for them."""

from __future__ import annotations

import typing as t

import yaml


def structured(text: str) -> t.Any:
    """The list or the mapping that a text is in YAML or JSON; another text stays as it is.

    Raises ValueError, without the text, for what is no YAML.
    """
    try:
        value = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        place = f" on line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ValueError(f"no YAML or JSON: {error.problem}{place}") from None
    except yaml.YAMLError:
        raise ValueError("no YAML or JSON: a control character is in it") from None
    return value if isinstance(value, (dict, list)) else text
