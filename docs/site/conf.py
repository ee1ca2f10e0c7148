# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sphinx's configuration of the site that `make docs` builds."""

from __future__ import annotations

import re

from docutils import nodes

project = "flatops.flatcar"
copyright = "2026, flatops"
extensions = ["sphinx_antsibull_ext"]
html_theme = "sphinx_rtd_theme"
html_title = project
html_copy_source = False
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_use_index = False
highlight_language = "text"
nitpicky = True

ANSIBLE = "https://docs.ansible.com/projects/ansible/latest"
#: Labels of Ansible's documentation, and their pages. intersphinx would fetch a list of all for each build.
PAGES = (
    (r"ansible_collections\.(\w+)\.(\w+)\.(\w+_module)", r"collections/\1/\2/\3.html"),
    (r"action_plugins", "plugins/action.html"),
    (r"ansible_configuration_settings", "reference_appendices/config.html"),
    (r"common_return_values", "reference_appendices/common_return_values.html"),
)


def outside(app, env, node, contnode):
    """The link to a page of Ansible's documentation, or nothing where the label is none of these."""
    for label, page in PAGES:
        if found := re.fullmatch(label, node["reftarget"]):
            return nodes.reference("", "", contnode, internal=False, refuri=f"{ANSIBLE}/{found.expand(page)}")
    return None


def setup(app):
    app.connect("missing-reference", outside)
