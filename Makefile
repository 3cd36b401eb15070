# Connect Backup. `make help` says what each target does.

# go.mod names the Go that is needed; an older one fetches it.
export GOTOOLCHAIN := auto

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## set up what is missing, build, open the app; without a display: the same job without a window
	@.ci/run-app

run-mobile: ## the app as a phone shows it, by mouse; needs a desktop with a window manager
	@.ci/setup run
	go run -tags mobile .

headless: ## build ./connect-backup without a window: no C compiler, no libraries needed
	@.ci/setup headless
	CGO_ENABLED=0 go build -tags headless -o connect-backup .

test: ## set up what is missing, then every check and test there is
	@.ci/setup test
	@.ci/test

lint: ## formatting, import rules and the other checks of .golangci.yml
	@.ci/setup lint
	@.ci/lint

gallery: ## draw every screen into gallery/: phone and desktop, light and dark
	@.ci/setup go
	@.ci/private env GALLERY_DIR=$(CURDIR)/gallery LOOK=$(CURDIR)/gallery/widgets go test -tags ci -count=1 -run '^(TestGallery|TestGalleryOfLanguages|TestGalleryOfPhones|TestLook)$$' ./screens/...
	@echo "Open gallery/index.html, or look at gallery/*.png: one sheet a screen"

words: ## say which texts lack a translation, as they stand in assets/translations
	@.ci/setup go
	@.ci/private env WORDS=1 go test -count=1 -v -run '^TestWords$$' ./screens/lang

check-jni: ## look up everything the app uses of Android's Java in the real classes, API levels 24 to 36
	@.ci/setup java
	@.ci/check-jni

test-android: ## run the native layer of Android in a virtual machine here, against Android's classes
	@.ci/setup java
	@.ci/test-android

check-android: ## compile and link the app for a phone, with the system's packages alone; it does not run
	@.ci/setup android
	@.ci/check-android

check-ios: ## check the app's types for iOS, and its Objective-C against declarations of our own; it is not compiled
	@.ci/setup ios
	@.ci/check-ios

check-macos: ## check the app's types for macOS
	@.ci/setup go
	@.ci/check-macos

check-windows: ## compile and link the app for Windows, with MinGW; it is not run
	@.ci/setup windows
	@.ci/check-windows

check-package: ## make Android's package with the system's packages alone, and look at it; it does not run
	@.ci/setup package
	@.ci/check-package

package-android: ## make the app for Android; needs its NDK, and for a release a key: see .ci/package-android
	@.ci/setup go
	@.ci/package-android

package-ios: ## make the app for iPhone and iPad, on a Mac with Xcode: see .ci/package-ios
	@.ci/setup go
	@.ci/package-ios

bench: ## measure against curl, aria2c, bsdtar and an empty window, side by side
	@.ci/setup bench
	@.ci/bench/run

torture: ## kill downloads 200 times, cut their power 200 times, and take a zip of 6 GB through
	@.ci/setup go
	@.ci/torture

clean: ## remove what was built here
	rm -rf bin gallery connect-backup connect-backup.exe

.PHONY: help run run-mobile headless test lint gallery words check-jni test-android check-android check-ios check-macos check-windows \
  check-package package-android package-ios bench torture clean
