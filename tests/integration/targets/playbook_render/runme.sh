#!/usr/bin/env bash
# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eux

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export ANSIBLE_SHOW_CUSTOM_STATS=true

render() {
    local log=$1
    shift
    ansible-playbook -i inventory.yml -e flatcar_render_dir="$folder/out" "$@" >"$log" 2>&1 || return 1
}

# Whatever is said, a secret is not in it.
silent() {
    ! grep -e hunter2 -e correcthorse -e swordfish -e "$(printf hunter2 | base64)" "$1"
}

# In check mode nothing is written.
render "$folder/check" flatops.flatcar.render -e flatcar_hosts=good --check --diff -vvv
grep 'changed=1' "$folder/check"
grep '+++ after: .*(file /etc/local)' "$folder/check"
silent "$folder/check"
test ! -e "$folder/out"

# Each machine gets its file, and its host is not asked.
render "$folder/first" flatops.flatcar.render -e flatcar_hosts=good --diff -vvv
test "$(grep -c 'changed=1' "$folder/first")" = 2
grep 'flatcar_ignition_files.*good1.ign' "$folder/first"
grep 'units: base.service' "$folder/first"
silent "$folder/first"
test "$(stat -c %a "$folder"/out/good1.ign "$folder"/out/good2.ign | sort -u)" = 600
grep -q 'data:,hunter2' "$folder/out/good1.ign"
grep -q '{{.Names}}' "$folder/out/good1.ign"
grep -q '"path":"/var/lib/flatops/first-boot.json"' "$folder/out/good1.ign"
cp -r "$folder/out" "$folder/before"

# The second run changes nothing, be it in check mode or by a wrapper.
render "$folder/second" flatops.flatcar.render -e flatcar_hosts=good
render "$folder/third" wrapper.yml -e flatcar_hosts=good --check
cat "$folder/second" "$folder/third" >"$folder/unchanged"
test "$(grep -c 'changed=0' "$folder/unchanged")" = 4
diff -r "$folder/before" "$folder/out"

# A machine that is wrong is reported and stops no other one; the play ends failed.
echo '{"secret": "swordfish"}' >"$folder/secret.json"
if render "$folder/bad" flatops.flatcar.render -e "@$folder/secret.json" --diff -vvv; then
    exit 1
fi
grep 'bad1.*failed=1' "$folder/bad"
test "$(grep -c 'good.*changed=1.*failed=0' "$folder/bad")" = 2
grep 'flatcar_butane__90_host (.*inventory.yml:.*): line 7: cannot unmarshal !!str into v0_5.Resource' "$folder/bad"
silent "$folder/bad"
test ! -e "$folder/out/bad1.ign"
grep -q 'data:,swordfish' "$folder/out/good2.ign"

# Options of the playbook.
render "$folder/pretty" flatops.flatcar.render --limit good1 -e flatcar_pretty=true
grep -q '^  "ignition": {' "$folder/out/good1.ign"
render "$folder/plain" flatops.flatcar.render --limit good1 -e flatcar_first_boot_record=false
test "$(grep -c flatops "$folder/out/good1.ign")" = 0
