#!/usr/bin/env bash
# Makes the pictures of README.md and docs/console.md, docs/pictures/NAME.svg,
# from the real console: keyward demo in a tmux of a fixed size, whose screen
# docs/picture turns into an SVG. A new screen is a line of the table below.
#   docs/pictures.sh [NAME]...     those pictures only
set -euo pipefail
cd "$(dirname "$0")/.."
command -v tmux >/dev/null || { echo "pictures.sh: tmux is missing: install it" >&2; exit 1; }

# Each line is: NAME COLUMNSxROWS BACKGROUND ARGUMENTS STEPS... | WHAT IT SHOWS.
# BACKGROUND is dark or light; ARGUMENTS are keyward's, with commas between, "demo"
# mostly, "empty" for a store of one's own without keys, "ssh" and "viewer" for the
# console that an endpoint serves over SSH. STEPS are names of keys as tmux has them, text:TYPED (_ is a blank),
# wait:SHOWN, or idle. Each picture begins on a store of its own, in a directory
# with testdata/openapi and a certificate in certs.
pictures() {
	cat <<-'END'
		first        100x24 dark  empty wait:Welcome | A store without keys
		tour         100x24 dark  empty wait:Welcome t idle y wait:Tour t wait:2_of_4 | The second step of the tour
		keys         100x21 dark  demo Down Down | The list of keys, one selected
		light        100x21 light demo Down Down | The same list on a light background
		marks        100x21 dark  demo Down Down space Down space Down space e idle | What disabling three keys asks
		key          100x27 dark  demo / text:mobile Enter Enter wait:How_to_call | Everything about one key
		edit         100x16 dark  demo / text:mobile Enter Enter wait:Secrets Enter wait:Save text:_EU | Changing the name of a key
		permit       100x24 dark  demo / text:mobile Enter p wait:mark idle Down space Down Down space | Which workflows one key may call
		kind         100x16 dark  demo n wait:Kind Down | What kind of key it is to be
		name         100x16 dark  demo n Down Enter text:partner-shop idle | What the new key is called
		target       100x16 dark  demo n Down Enter text:partner-shop Enter wait:nvironment Down | Where the new key may invoke
		wizard       100x24 dark  demo n Down Enter text:partner-shop Enter Down Enter Down Down space Down space | Which workflows a new key may call
		limits       100x21 dark  demo n Down Enter text:partner-shop Enter Down Enter Down Down space Enter wait:imits | Until when it works, and whether its secrets may stand in a URL
		review       100x24 dark  demo n Down Enter text:partner-shop Enter Down Enter Down Down space Enter Enter wait:create_the_key | All of it, before the key is made
		picker       100x16 dark  demo C wait:days_left n wait:Directory text:certs/ wait:partner Down | Where a certificate is looked for, with a path that is typed
		generate     100x21 dark  demo C wait:days_left n wait:Directory C-g idle | A certificate to be made, for testing
		reveal       100x24 dark  demo n Down Enter text:partner-shop Enter Down Enter Down Down space Enter Enter Enter wait:Secondary | The two secrets of a new key, shown once
		renewal      100x21 dark  demo / text:mobile Enter r wait:Which | Replacing a secret, and how long the old one goes on working
		certificates 100x16 dark  demo C wait:days_left | All registered certificates by days left
		certificate  100x21 dark  demo C wait:days_left Down Down Enter wait:Thumbprint | Everything about one certificate
		inspect      100x21 dark  demo C wait:days_left i wait:Directory text:certs/partner.crt Enter wait:Nothing_is_stored | A certificate in a file
		export       100x16 dark  demo C wait:days_left Down Down w wait:PEM | Writing a certificate to a file
		rotation     100x21 dark  demo / text:web-shop Enter R wait:safe_order | Both slots of a key side by side
		workflows    100x21 dark  demo W wait:Upstreams Down Down | The list of workflows
		workflow     100x21 dark  demo W wait:Upstreams Down Down Enter wait:Save | Changing a workflow
		environments 100x16 dark  demo E wait:Flag | The list of environments
		environment  100x16 dark  demo E wait:Flag Down Enter wait:Save | Changing an environment
		activity     100x24 dark  demo L wait:workflow-not-perm z | Calls as they are decided
		why          100x27 dark  demo L wait:workflow-not-perm z / text:cancel Enter G Enter wait:would_help | Why a call was refused, and what would help
		try          100x26 dark  demo T wait:As_code | Trying a call without making it
		endpoint     100x16 dark  demo P wait:In_all | The endpoints that run, and what they are asked
		bin          100x16 dark  demo Down Down d wait:Type text:initech-test Enter wait:is_deleted B wait:initech-test | A deleted key in the bin
		deleted      100x16 dark  demo Down Down d wait:Type text:initech-test Enter wait:is_deleted B wait:initech-test Enter idle | Everything about one deleted key
		restore      100x16 dark  demo Down Down d wait:Type text:initech-test Enter wait:is_deleted / text:support Enter Enter wait:Secrets Enter wait:Save C-u text:initech-test C-s wait:is_changed Escape B wait:Kept b idle | Bringing back a key whose name another key has by now
		path         100x16 dark  demo I wait:Directory text:testdata/o idle | Looking for a document with a path that is typed
		import       100x18 dark  demo I wait:Directory text:testdata Enter text:openapi Enter text:helpdesk Enter wait:paths_begin Down Down Down Down | What an OpenAPI document would become
		production   100x21 dark  demo G e wait:Disable y wait:all_the_same | The second question about a key of production
		audit        100x24 dark  demo A wait:newest | The audit trail
		entry        100x27 dark  demo A wait:newest Enter wait:Chain | An entry of the audit trail in full
		ssh          100x16 dark  ssh Down Down | The console of an administrator over SSH
		paste        116x18 dark  ssh C wait:days_left i wait:Paste | Where a certificate is pasted
		viewer       100x16 dark  viewer Down e wait:role_viewer | The console of a viewer over SSH, after e
		palette      100x24 dark  demo : idle text:dis idle | The palette, with what "dis" finds
		help         100x21 dark  demo ? wait:keys_do | The keys of a screen
	END
}

tmp=$(mktemp -d)
empty=$tmp/empty00000 # as long as the directory that is shown in its place
name=none # of the picture; each has a server of its own, since one that ends may still take the next one's session
T() { tmux -S "$tmp/$name.socket" "$@"; }
served= # the endpoint with the console over SSH, once there is one
trap 'T kill-server 2>/dev/null || true; [ -z "$served" ] || kill "$served"; rm -rf "$tmp"' EXIT
go build -o "$tmp/keyward" .
go build -o "$tmp/picture" ./docs/picture
mkdir -p docs/pictures "$tmp/shop/certs" "$tmp/shop/testdata"
cp -r testdata/openapi "$tmp/shop/testdata/"
(cd "$tmp/shop/certs" && "$tmp/keyward" cert generate --name partner --subject /CN=partner.example/O=Example --algorithm p256 >/dev/null)
printf '%s\n' 'set -g status off' 'set -g default-terminal tmux-256color' 'set -ga terminal-overrides ",*:Tc"' \
	'set -s escape-time 0' 'set -g remain-on-exit on' >"$tmp/conf"

fail() { # fail MESSAGE: with the screen as it is
	echo "pictures.sh: $name: $1" >&2
	T capture-pane -p >&2
	exit 1
}

# await CONDITION...: until the command succeeds, for at most 15 s.
await() {
	for _ in $(seq 1 300); do
		"$@" && return
		sleep 0.05
	done
	fail "it did not come: $*"
}

shown() { T capture-pane -p | grep -qF -- "$1"; }

# settle waits until the screen is the same for a while.
settle() {
	local before=- now
	for _ in $(seq 1 60); do
		now=$(T capture-pane -e -p)
		[ "$now" != "$before" ] || return 0
		before=$now
		sleep 0.2
	done
}

# open starts keyward in a terminal of that size and background.
open() {
	local background=0,0,0
	[ "$2" = dark ] || background=255,255,255
	T -f "$tmp/conf" new-session -d -c "$tmp/shop" -x "${1%x*}" -y "${1#*x}" -e HOME=/home/ada -e TZ=UTC -e LANG=C.UTF-8 -e LC_ALL=C.UTF-8 -e COLORTERM=truecolor \
		-e TERM=tmux-256color "exec $3"
	T select-pane -P "$(printf 'bg=#%02x%02x%02x' ${background//,/ })"
	await shown keyward
	settle
}

# serve starts an endpoint with the console over SSH, on a store of a few keys.
serve() {
	local store=$tmp/empty99999 home=$tmp/operators role
	mkdir "$home"
	for role in viewer admin; do ssh-keygen -q -t ed25519 -N '' -C "$role@laptop" -f "$home/$role"; done
	{
		printf 'keyward-role="admin" ' && cat "$home/admin.pub"
		cat "$home/viewer.pub"
	} >"$home/keys"
	chmod go-w "$home" "$home/keys"
	local k="$tmp/keyward --data $store"
	$k workflow create get-customer --method GET --path '/customers/{id}' >/dev/null
	$k workflow create create-order --method POST --path /orders >/dev/null
	for role in billing-nightly crm-sync warehouse; do
		$k key create $role --environment Test --workflow get-customer --workflow create-order --out "$home/$role.json" >/dev/null
	done
	$k key create partner --environment Production --workflow create-order --cert "$tmp/shop/certs/partner.crt" >/dev/null
	$k serve --listen 127.0.0.1:0 --ssh 127.0.0.1:0 --ssh-authorized-keys "$home/keys" >"$home/log" 2>&1 &
	served=$!
	await grep -q 'over SSH on' "$home/log"
	port=$(sed -nE 's/.*over SSH on 127\.0\.0\.1:([0-9]+).*/\1/p' "$home/log")
}

# remotely prints the command that opens the console over SSH as that role.
remotely() {
	echo "ssh -F none -t -o UserKnownHostsFile=$tmp/operators/known -o StrictHostKeyChecking=accept-new -o IdentityAgent=none -o LogLevel=ERROR" \
		"-i $tmp/operators/$1 -p $port 127.0.0.1"
}

# stable hides what differs each time: directories, the port, secrets.
stable() {
	sed -E -e "s|$tmp/shop|~/shop|g" -e "s|$tmp/empty[0-9]{5}|/home/ada/.local/share/keyward|g" \
		-e ':a' -e 's/(-demo-0*)[1-9]/\10/' -e 'ta' -e 's/(localhost|127\.0\.0\.1):[0-9]{5}/\1:50000/g' \
		-e 's/kw_[0-9A-Za-z]{49}/kw_ThisIsNoSecretButWhereTheSecretStandsInTheConsole/g'
}

make() { # make NAME SIZE BACKGROUND ARGUMENTS TITLE STEP...
	name=$1
	local size=$2 background=$3 title=$5 step
	local arguments=${4//,/ }
	local command="$tmp/keyward $arguments"
	case $arguments in
	empty) command="$tmp/keyward --data $empty" ;;
	ssh | viewer)
		[ -n "$served" ] || serve
		command=$(remotely "${arguments/#ssh/admin}")
		;;
	esac
	open "$size" "$background" "$command"
	for step in "${@:6}"; do
		case $step in
		wait:*) step=${step#wait:} && await shown "${step//_/ }" ;;
		text:*) step=${step#text:} && T send-keys -l -- "${step//_/ }" && settle ;;
		idle) settle ;;
		*) T send-keys -- "${step/#space/Space}" && settle ;;
		esac
	done
	settle
	local options=(-columns "${size%x*}" -rows "${size#*x}" -title "$title")
	[ "$background" = dark ] || options+=(-light)
	T capture-pane -e -p -N | stable | "$tmp/picture" "${options[@]}" >"docs/pictures/$name.svg"
	T kill-server
	echo "docs/pictures/$name.svg"
}

made=0
while IFS='|' read -r left title <&3; do
	read -ra words <<<"$left"
	if [ $# -gt 0 ] && [[ " $* " != *" ${words[0]} "* ]]; then continue; fi
	make "${words[@]:0:4}" "${title# }" "${words[@]:4}"
	made=$((made + 1))
	empty=$tmp/empty$(printf %05d "$made")
done 3< <(pictures)
[ "$made" -gt 0 ] || { echo "pictures.sh: there is no picture of that name" >&2; exit 1; }
