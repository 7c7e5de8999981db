# The days W1, W2 and W3 as somebody who knows simmer (https://r-simmer.org) would write them for speed: callers from a data frame that
# holds what was drawn, one resource of as many servers as there are agents.
#
#     Rscript by_simmer.R w1 3 [SEED]
#
# W3 asks at every arrival and at every end of a call how long callers wait; contingents come by a source that is switched on, after the
# notice. Prints the line of JSON that cpp/days.cpp prints; the time is processor time.

suppressPackageStartupMessages(library(simmer))

handle <- 300
volume <- c(
  479.4, 595.5, 789.3, 1080.6, 1470.3, 1929.6, 2395.5, 2780.7, 3000.0, 3000.0, 2780.7, 2395.5, 1929.6, 1470.3, 1397.1, 1752.9,
  2097.9, 2374.5, 2529.0, 2529.0, 2374.5, 2097.9, 1752.9, 1397.1, 1077.6, 821.7, 636.3, 514.5, 441.0, 400.5, 379.8, 370.2
)
staff <- c(
  85, 105, 138, 187, 253, 331, 410, 475, 425, 425, 394, 410, 331, 253, 241, 301,
  359, 406, 432, 432, 406, 359, 301, 241, 187, 143, 112, 91, 78, 71, 68, 66
)

poisson_times <- function(volume, length) {
  unlist(lapply(seq_along(volume), function(part) (part - 1 + sort(runif(rpois(1, volume[part])))) * length))
}

steady <- function(agents, patience) {
  time <- poisson_times(60000, 36000)
  callers <- data.frame(time = time, handle = rexp(length(time), 1 / handle))
  path <- trajectory()
  env <- simmer()
  if (!is.null(patience)) {
    callers$patience <- rexp(length(time), 1 / patience)
    path <- path %>% renege_in(function() get_attribute(env, "patience")) %>% seize("agent") %>% renege_abort()
  } else {
    path <- path %>% seize("agent")
  }
  path <- path %>% timeout_from_attribute("handle") %>% release("agent")
  env %>%
    add_resource("agent", agents, mon = FALSE) %>%
    add_dataframe("caller", path, callers, time = "absolute", batch = 1000) %>%
    run()
  get_mon_arrivals(env)
}

full <- function() {
  time <- poisson_times(volume, 1800)
  sigma <- sqrt(log(2))
  callers <- data.frame(
    time = time,
    handle = rlnorm(length(time), log(handle) - sigma^2 / 2, sigma),
    patience = rweibull(length(time), 1.3, 300 / gamma(1 + 1 / 1.3))
  )
  env <- simmer()
  part <- 1
  on <- 0
  active <- FALSE
  engaged <- FALSE
  closes <- 1800 * length(volume)
  turned <- function() { # 1: called up, 2: called off
    capacity <- staff[part] + on
    wait <- if (get_server_count(env, "agent") < capacity) 0 else (get_queue_count(env, "agent") + 1) * handle / capacity
    if (now(env) >= closes) return(0)
    if (!active && wait >= 90) {
      active <<- TRUE
      if (on == 0) return(1)
    } else if (active && wait <= 20) {
      active <<- FALSE
      if (!engaged) on <<- 0
      return(2)
    }
    0
  }
  look <- function(path) {
    path %>% branch(
      turned, TRUE,
      trajectory() %>% activate("home"),
      trajectory() %>% deactivate("home") %>% set_capacity("agent", function() staff[part] + on)
    )
  }
  path <- (trajectory() %>% look() %>% renege_in(function() get_attribute(env, "patience")) %>%
    seize("agent") %>% renege_abort() %>% timeout_from_attribute("handle") %>% release("agent")) %>% look()
  plan <- trajectory() %>% set_capacity("agent", function() {
    part <<- min(part + 1, length(staff))
    staff[part] + on
  })
  home <- trajectory() %>%
    deactivate("home") %>%
    set_capacity("agent", function() {
      engaged <<- TRUE
      on <<- 12
      staff[part] + on
    }) %>%
    timeout(3600) %>%
    set_capacity("agent", function() {
      engaged <<- FALSE
      if (!active) on <<- 0
      staff[part] + on
    })
  env %>%
    add_resource("agent", staff[1], mon = FALSE) %>%
    add_dataframe("caller", path, callers, time = "absolute", batch = 1000) %>%
    add_generator("plan", plan, at(1800 * seq_len(length(staff) - 1)), mon = FALSE) %>%
    add_generator("home", home, function() 600, mon = FALSE)
  # a source is on from the beginning: it is switched off before its first notice is over
  env %>% add_generator("night", trajectory() %>% deactivate("home"), at(0), mon = FALSE) %>% run()
  get_mon_arrivals(env)
}

given <- commandArgs(trailingOnly = TRUE)
set.seed(if (length(given) > 2) as.integer(given[3]) else 1)
calls <- within <- 0
waited <- 0
start <- proc.time()
for (day in seq_len(as.integer(given[2]))) {
  seen <- switch(given[1], w1 = steady(510, NULL), w2 = steady(480, 120), w3 = full())
  wait <- seen$end_time - seen$start_time - seen$activity_time
  calls <- calls + nrow(seen)
  within <- within + sum(seen$finished & wait <= 90)
  waited <- waited + sum(wait)
}
spent <- sum((proc.time() - start)[c("user.self", "sys.self")])
cat(sprintf(
  '{"calls": %d, "ns": %.2f, "within": %.6f, "mean_wait": %.4f, "version": "%s"}\n',
  calls, spent / calls * 1e9, within / calls, waited / calls, packageVersion("simmer")
))
