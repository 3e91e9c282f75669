module carovana.dev/bench/client

go 1.26
