module goleash.test/corpus

go 1.27

require goleash.test/judge v0.0.0

replace goleash.test/judge => ./judge
