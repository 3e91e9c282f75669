module carovana.dev/bench/function

go 1.26
