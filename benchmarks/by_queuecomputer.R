# The day W1 as somebody who knows queuecomputer (https://github.com/AnthonyEbert/queuecomputer) would write it. It plays queues that nobody
# leaves, so it has no W2 and no W3.
#
#     Rscript by_queuecomputer.R w1 20 [SEED]
#
# Prints the line of JSON that cpp/days.cpp prints; the time is processor time.

suppressPackageStartupMessages(library(queuecomputer))

given <- commandArgs(trailingOnly = TRUE)
stopifnot(given[1] == "w1")
set.seed(if (length(given) > 2) as.integer(given[3]) else 1)
calls <- within <- 0
waited <- 0
start <- proc.time()
for (day in seq_len(as.integer(given[2]))) {
  number <- rpois(1, 60000)
  arrivals <- sort(runif(number, 0, 36000))
  handle <- rexp(number, 1 / 300)
  wait <- pmax(queue(arrivals, handle, servers = 510) - arrivals - handle, 0)
  calls <- calls + number
  within <- within + sum(wait <= 90)
  waited <- waited + sum(wait)
}
spent <- sum((proc.time() - start)[c("user.self", "sys.self")])
cat(sprintf(
  '{"calls": %d, "ns": %.2f, "within": %.6f, "mean_wait": %.4f, "version": "%s"}\n',
  calls, spent / calls * 1e9, within / calls, waited / calls, packageVersion("queuecomputer")
))
