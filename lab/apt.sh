# SPDX-License-Identifier: GPL-2.0
# A private apt: Debian packages of other architectures and suites, verified as the host's apt verifies them, without a
# change to the host's sources, architectures or /usr. The mirror is the one that the host's apt is configured with.
# shellcheck shell=sh disable=SC2154 # lib.sh is read in before

# A script that needs packages of a release of their own, dependencies and all, sets another folder and list of sources.
apt_dir=$cache/apt
apt_keyring=/usr/share/keyrings/debian-archive-keyring.gpg

apt_sources() {
	apt_options="[signed-by=$apt_keyring arch=amd64,arm64]"
	echo "deb $apt_options $apt_main bookworm main"
	echo "deb $apt_options $apt_security bookworm-security main"
	echo "deb $apt_options $apt_main trixie-backports main"
	echo "deb-src [signed-by=$apt_keyring] $apt_main trixie main"
	# The testing suite changes daily; a mirror that is some weeks behind still serves, and the signatures still count.
	echo "deb-src [signed-by=$apt_keyring check-valid-until=no] $apt_main testing main"
}

# apt_site REGEX: the site that the host's apt takes a Debian suite of a matching name from. Others may have suites of the
# same name; before the host has fetched any list, only the usual path tells.
apt_site() {
	apt-get indextargets --format '$(SITE) $(RELEASE) $(ORIGIN)' | awk -v want="^($1)\$" '
		$2 !~ want { next }
		$3 == "Debian" { print $1; found = 1; exit }
		$1 ~ /\/debian(-security)?\/?$/ && !guess { guess = $1 }
		END { if (!found && guess) print guess }'
}

apt_configure() {
	[ -r "$apt_keyring" ] || die "$apt_keyring is missing, without which downloads can't be verified; install debian-archive-keyring."
	apt_main=$(apt_site 'bookworm|trixie|forky|sid|stable|oldstable|testing|unstable')
	[ -n "$apt_main" ] || die "this host's apt has no Debian suite configured to take the mirror from; the lab needs a Debian host."
	apt_security=$(apt_site '[a-z]+-security')
	[ -n "$apt_security" ] || apt_security=$apt_main-security

	mkdir -p "$apt_dir/state/lists/partial" "$apt_dir/cache/archives/partial"
	[ -e "$apt_dir/status" ] || : >"$apt_dir/status"
	apt_sources >"$apt_dir/sources.list.new"
	# New sources void the lists.
	cmp -s "$apt_dir/sources.list.new" "$apt_dir/sources.list" || rm -f "$apt_dir/updated"
	mv "$apt_dir/sources.list.new" "$apt_dir/sources.list"
	{
		# Of the host's configuration only how to reach the mirror; its hooks are for the host.
		apt-config dump | grep -E '^Acquire::.*(Proxy|Verify|CaInfo|CaPath|SslCert|SslKey)' || true
		cat <<-EOF
			Dir::Etc::main "/dev/null";
			Dir::Etc::parts "/dev/null";
			Dir::Etc::sourcelist "$apt_dir/sources.list";
			Dir::Etc::sourceparts "/dev/null";
			Dir::Etc::preferences "/dev/null";
			Dir::Etc::preferencesparts "/dev/null";
			Dir::State "$apt_dir/state";
			Dir::State::status "$apt_dir/status";
			Dir::Cache "$apt_dir/cache";
			APT::Architecture "amd64";
			APT::Architectures { "amd64"; "arm64"; };
			APT::Sandbox::User "";
			Acquire::Languages "none";
			Acquire::Retries "3";
			Acquire::http::Timeout "60";
			Acquire::https::Timeout "60";
		EOF
	} >"$apt_dir/apt.conf.new"
	mv "$apt_dir/apt.conf.new" "$apt_dir/apt.conf"
}

# younger FILE MINUTES
younger() {
	[ -n "$(find "$1" -mmin "-$2" 2>/dev/null)" ]
}

# apt_update: fetches the lists when they are older than a day. Without a network yesterday's lists, and what was unpacked
# by them, still serve; that is tried again after an hour.
apt_update() {
	mkdir -p "$cache/log"
	locked "$(basename "$apt_dir")" apt_update_locked
	export APT_CONFIG="$apt_dir/apt.conf"
}

apt_update_locked() {
	(unset APT_CONFIG && apt_configure)
	if younger "$apt_dir/updated" 1440 || { [ -e "$apt_dir/updated" ] && younger "$apt_dir/tried" 60; }; then
		return
	fi
	export APT_CONFIG="$apt_dir/apt.conf"
	say "apt: fetching package lists into the cache"
	if quietly "$cache/log/apt-update" apt-get -o APT::Update::Error-Mode=any update; then
		touch "$apt_dir/updated"
	elif [ -e "$apt_dir/updated" ]; then
		touch "$apt_dir/tried"
		say "apt: the package lists could not be refreshed; going on with those of $(date -r "$apt_dir/updated" +%F)"
	else
		die "the package lists could not be fetched; see above, and check the network and the host's apt sources."
	fi
}

# apt_settled FILE: whether what FILE holds was resolved by the lists that are in force.
apt_settled() {
	[ -n "$(find "$1" -newer "$apt_dir/updated" 2>/dev/null)" ]
}

# apt_depends PACKAGE REGEX: the dependencies of the package whose names match.
apt_depends() {
	apt-cache depends "$1" | tr -d "<>" | awk -v want="^($2)\$" '/ Depends:/ { sub(/:.*/, "", $2); if ($2 ~ want) print $2 }'
}

# apt_newest PREFIX REGEX: of the packages whose names match, and begin so, the one of the newest version by its name.
apt_newest() {
	apt-cache pkgnames "$1" | grep -xE "$2" | sort -V | tail -n 1
}

# apt_download DIR PACKAGE...: fetches and verifies packages into a folder.
apt_download() {
	apt_into=$1
	shift
	mkdir -p "$apt_into"
	(cd "$apt_into" && quietly "$cache/log/apt-download" apt-get download "$@") && return
	# A version may have left the archive since the lists came: the next run fetches them anew.
	rm -f "$apt_dir/updated"
	die "apt could not download $*; see above, check the network, and try again."
}
