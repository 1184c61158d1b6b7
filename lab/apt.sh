# SPDX-License-Identifier: GPL-2.0
# A private apt: fetches Debian packages of other architectures and suites, and verifies them as the host's apt does. It does not
# change the host's sources, architectures or /usr. It uses the mirror that the host's apt is configured with.
# shellcheck shell=sh disable=SC2154 # the script includes lib.sh first

# A script that needs packages and all their dependencies from one release sets its own apt_dir and apt_sources.
apt_dir=$cache/apt
apt_keyring=/usr/share/keyrings/debian-archive-keyring.gpg

apt_sources() {
	apt_options="[signed-by=$apt_keyring arch=amd64,arm64]"
	echo "deb $apt_options $apt_main bookworm main"
	echo "deb $apt_options $apt_security bookworm-security main"
	echo "deb $apt_options $apt_main trixie-backports main"
	echo "deb-src [signed-by=$apt_keyring] $apt_main trixie main"
	# The testing suite changes daily. Its lists are accepted after they expire, so that a mirror may lag by weeks; apt still verifies
	# their signatures.
	echo "deb-src [signed-by=$apt_keyring check-valid-until=no] $apt_main testing main"
}

# apt_site REGEX: prints the site from which the host's apt gets a Debian suite whose name matches. Other distributions use the
# same suite names, so the origin has to be Debian. The host knows origins only after it has fetched lists; until then the function
# accepts a site with Debian's usual path.
apt_site() {
	apt-get indextargets --format '$(SITE) $(RELEASE) $(ORIGIN)' | awk -v want="^($1)\$" '
		$2 !~ want { next }
		$3 == "Debian" { print $1; found = 1; exit }
		$1 ~ /\/debian(-security)?\/?$/ && !guess { guess = $1 }
		END { if (!found && guess) print guess }'
}

apt_configure() {
	[ -r "$apt_keyring" ] || die "$apt_keyring is missing, so downloads can't be verified; install debian-archive-keyring."
	apt_main=$(apt_site 'bookworm|trixie|forky|sid|stable|oldstable|testing|unstable')
	[ -n "$apt_main" ] || die "this host's apt has no Debian suite configured, so there is no mirror to use; the lab needs a Debian host."
	apt_security=$(apt_site '[a-z]+-security')
	[ -n "$apt_security" ] || apt_security=$apt_main-security

	mkdir -p "$apt_dir/state/lists/partial" "$apt_dir/cache/archives/partial"
	[ -e "$apt_dir/status" ] || : >"$apt_dir/status"
	apt_sources >"$apt_dir/sources.list.new"
	# After a change of sources, the lists have to be fetched again.
	cmp -s "$apt_dir/sources.list.new" "$apt_dir/sources.list" || rm -f "$apt_dir/updated"
	mv "$apt_dir/sources.list.new" "$apt_dir/sources.list"
	{
		# From the host's configuration, only the settings for reaching the mirror apply here. Its hooks must not run.
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

# younger FILE MINUTES: succeeds if FILE was modified within the last MINUTES.
younger() {
	[ -n "$(find "$1" -mmin "-$2" 2>/dev/null)" ]
}

# apt_update: fetches the lists if they are older than a day, and makes apt-get and apt-cache use this apt. Without a network,
# the old lists stay in use, with the packages already unpacked; the next attempt is an hour later.
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
		say "apt: the package lists could not be refreshed; using those of $(date -r "$apt_dir/updated" +%F)"
	else
		die "the package lists could not be fetched (see above); check the network and the host's apt sources."
	fi
}

# apt_settled FILE: succeeds if FILE, which records a resolved version, is newer than the current lists.
apt_settled() {
	[ -n "$(find "$1" -newer "$apt_dir/updated" 2>/dev/null)" ]
}

# apt_depends PACKAGE REGEX: prints the dependencies of PACKAGE whose names match.
apt_depends() {
	apt-cache depends "$1" | tr -d "<>" | awk -v want="^($2)\$" '/ Depends:/ { sub(/:.*/, "", $2); if ($2 ~ want) print $2 }'
}

# apt_newest PREFIX REGEX: prints the package with the highest version in its name, among those that start with PREFIX and match
# REGEX.
apt_newest() {
	apt-cache pkgnames "$1" | grep -xE "$2" | sort -V | tail -n 1
}

# apt_download DIR PACKAGE...: fetches packages into DIR and verifies them.
apt_download() {
	apt_into=$1
	shift
	mkdir -p "$apt_into"
	(cd "$apt_into" && quietly "$cache/log/apt-download" apt-get download "$@") && return
	# The archive may have dropped this version since the lists were fetched. Make the next run fetch new lists.
	rm -f "$apt_dir/updated"
	die "apt could not download $* (see above); check the network and try again."
}
