// Package assets embeds icons, translations and desktop metadata, and does
// nothing but expose them.
package assets
