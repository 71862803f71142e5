module goleash.test/corpus/go122

go 1.22

require goleash.test/judge v0.0.0

replace goleash.test/judge => ../judge
