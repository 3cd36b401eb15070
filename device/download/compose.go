package download

func compose(s string) string { return s }
