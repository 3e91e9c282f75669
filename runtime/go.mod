module carovana.dev/runtime

go 1.26
