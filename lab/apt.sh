# SPDX-License-Identifier: GPL-2.0
# A private apt: Debian packages of other architectures and suites, verified as the host's apt verifies them, without a
# change to the host's sources, architectures or /usr. The mirror is the one that the host's apt is configured with.
# shellcheck shell=sh disable=SC2154 # lib.sh is read in before

apt_dir=$cache/apt
apt_keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# apt_site REGEX: the site that the host's apt takes a suite of a matching name from.
apt_site() {
	apt-get indextargets --format '$(SITE) $(RELEASE)' | awk -v want="^($1)\$" '$2 ~ want { print $1; exit }'
}

apt_configure() {
	[ -r "$apt_keyring" ] || die "$apt_keyring is missing, without which downloads cannot be verified; install debian-archive-keyring."
	apt_main=$(apt_site 'bookworm|trixie|forky|sid|stable|oldstable|testing|unstable')
	[ -n "$apt_main" ] || die "this host's apt has no Debian suite configured to take the mirror from; the lab needs a Debian host."
	apt_security=$(apt_site '[a-z]+-security')
	[ -n "$apt_security" ] || apt_security=$apt_main-security

	mkdir -p "$apt_dir/state/lists/partial" "$apt_dir/cache/archives/partial"
	[ -e "$apt_dir/status" ] || : >"$apt_dir/status"
	{
		apt_options="[signed-by=$apt_keyring arch=amd64,arm64]"
		echo "deb $apt_options $apt_main bookworm main"
		echo "deb $apt_options $apt_security bookworm-security main"
		echo "deb-src [signed-by=$apt_keyring] $apt_main bookworm main"
		echo "deb-src [signed-by=$apt_keyring] $apt_main trixie main"
	} >"$apt_dir/sources.list.new"
	# New sources void the lists.
	cmp -s "$apt_dir/sources.list.new" "$apt_dir/sources.list" || rm -f "$apt_dir/updated"
	mv "$apt_dir/sources.list.new" "$apt_dir/sources.list"
	cat >"$apt_dir/apt.conf" <<-EOF
		Dir::State "$apt_dir/state";
		Dir::State::status "$apt_dir/status";
		Dir::Cache "$apt_dir/cache";
		Dir::Etc::sourcelist "$apt_dir/sources.list";
		Dir::Etc::sourceparts "/dev/null";
		Dir::Etc::preferences "/dev/null";
		Dir::Etc::preferencesparts "/dev/null";
		APT::Architecture "amd64";
		APT::Architectures { "amd64"; "arm64"; };
		APT::Sandbox::User "";
			Acquire::Languages "none";
		Acquire::Retries "3";
		Acquire::http::Timeout "60";
	EOF
}

# apt_update: fetches the lists when they are older than a day. Without a network yesterday's lists, and what was unpacked
# by them, still serve.
apt_update() {
	export APT_CONFIG="$apt_dir/apt.conf"
	[ -z "$(find "$apt_dir/updated" -mmin -1440 2>/dev/null)" ] || return 0
	mkdir -p "$cache/log"
	unset APT_CONFIG
	apt_configure
	export APT_CONFIG="$apt_dir/apt.conf"
	say "apt: fetching package lists into the cache"
	if quietly "$cache/log/apt-update" apt-get -o APT::Update::Error-Mode=any update; then
		touch "$apt_dir/updated"
	elif [ -n "$(ls "$apt_dir/state/lists/"*_Packages* 2>/dev/null)" ]; then
		say "apt: the package lists could not be refreshed; going on with the ones of $(date -r "$apt_dir/state/lists" +%F)"
	else
		die "the package lists could not be fetched; see above, and check the network and the host's apt sources."
	fi
}

# apt_settled FILE: whether what FILE holds was resolved by the lists that are in force.
apt_settled() {
	[ -n "$(find "$1" -newer "$apt_dir/updated" 2>/dev/null)" ]
}

# apt_depends PACKAGE REGEX: the first dependency of the package whose name matches. How a metapackage names a version.
apt_depends() {
	apt-cache depends "$1" | tr -d "<>" | awk -v want="^($2)\$" '/Depends:/ { sub(/:.*/, "", $2); if ($2 ~ want) { print $2; exit } }'
}

# apt_download DIR PACKAGE...: fetches and verifies packages into a folder.
apt_download() {
	apt_into=$1
	shift
	mkdir -p "$apt_into"
	(cd "$apt_into" && quietly "$cache/log/apt-download" apt-get download "$@") ||
		die "apt could not download $*; see above. If a version has just left the archive, remove $apt_dir/updated and try again."
}
