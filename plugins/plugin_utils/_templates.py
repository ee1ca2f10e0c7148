# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Templating by Ansible, on every ansible-core, and what went wrong on which line."""

from __future__ import annotations

import re
import typing as t

from ansible.errors import AnsibleError
from jinja2 import TemplateError, TemplateSyntaxError

from ansible_collections.flatops.flatcar.plugins.plugin_utils._plain import plain

try:
    from ansible.template import trust_as_template
except ImportError:

    def trust_as_template(value: str) -> str:
        """ansible-core 2.18 and older template every text that is not marked unsafe."""
        return value


#: What templating raises. ansible-core 2.18 and older let through whatever a filter raises.
ERRORS = (AnsibleError, TemplateError, ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError)

_FOREIGN = "; braces of other programs stand between {% raw %} and {% endraw %}, or in a {file: ...} fragment"
_QUOTED = re.compile(r"'([\w.]+)'")


def template(templar: t.Any, value: t.Any) -> t.Any:
    """A value of the inventory (an untemplated variable or a part of one), templated and plain."""
    return plain(templar.template(value))


def render(templar: t.Any, text: str, variables: dict[str, t.Any], folder: str) -> t.Any:
    """The text of a template file with variables; folder is where its includes lie. Normally text."""
    own = templar.copy_with_new_env(available_variables=variables, searchpath=[folder])
    # Documented in ansible-core 2.19: this method tells whether convert_data is still accepted.
    old = {} if hasattr(own, "evaluate_expression") else {"convert_data": False}
    return plain(own.template(trust_as_template(text), escape_backslashes=False, **old))


def reason(error: BaseException, text: str) -> tuple[str, int]:
    """What is wrong, in one line and without the text, and the line of the text on which it is (0: unknown)."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, TemplateSyntaxError):
        cause = getattr(cause, "orig_exc", None) or cause.__cause__
    if cause is not None:
        return f"{cause.message or 'syntax error in template'}{_FOREIGN}", cause.lineno
    message = str(error)
    # At run time no core tells the line; the name of what is undefined, or of the filter that failed, does.
    for name in reversed(_QUOTED.findall(message)):
        word = re.compile(rf"\b{re.escape(name.rpartition('.')[2])}\b")
        for number, line in enumerate(text.splitlines(), 1):
            if word.search(line):
                return message, number
    return message, 0
