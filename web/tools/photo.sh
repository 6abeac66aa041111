#!/bin/sh
# Creates web/public/photos/dandelion.jpg from the original in Debian's package lomiri-wallpapers-16.04.
# Needs dpkg-deb and ImageMagick. Usage: web/tools/photo.sh lomiri-wallpapers-16.04_*.deb
set -eu
unpacked=$(mktemp -d)
trap 'rm -r "$unpacked"' EXIT
dpkg-deb --extract "$1" "$unpacked"
convert "$unpacked/usr/share/backgrounds/seeding_by_Clements_Engelhardt.jpg" \
  -crop 4482x2988+250+0 +repage -resize '640x427!' -strip \
  -sampling-factor 4:2:0 -interlace Plane -quality 84 \
  "$(dirname "$0")/../public/photos/dandelion.jpg"
