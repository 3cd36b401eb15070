//go:build !android

package app

import "connectbackup/assets"

// noticeIcon is the picture beside a notification: the app's own.
var noticeIcon = assets.AppIcon
