package download_test

func child() bool { return false }
