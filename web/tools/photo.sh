#!/bin/sh
# Creates dandelion.jpg and dandelion-small.jpg in web/public/photos from the original in Debian's package
# lomiri-wallpapers-16.04. Needs dpkg-deb and ImageMagick.
# Usage: web/tools/photo.sh lomiri-wallpapers-16.04_*.deb
set -eu
unpacked=$(mktemp -d)
trap 'rm -r "$unpacked"' EXIT
dpkg-deb --extract "$1" "$unpacked"
photos=$(dirname "$0")/../public/photos

# make_photo SIZE CHROMA_SUBSAMPLING QUALITY FILE
make_photo() {
  convert "$unpacked/usr/share/backgrounds/seeding_by_Clements_Engelhardt.jpg" \
    -crop 4482x2988+250+0 +repage -resize "$1!" -strip \
    -sampling-factor "$2" -interlace Plane -quality "$3" "$photos/$4"
}
make_photo 640x427 4:2:0 84 dandelion.jpg
# The figures split this one into its colours, so its chroma keeps the full resolution.
make_photo 240x160 4:4:4 72 dandelion-small.jpg
