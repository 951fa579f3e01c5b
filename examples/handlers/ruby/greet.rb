# A child handler: one job after the other. Try it:
#
#     navvy try greet '{"name":"Ada"}' --config examples/handlers/navvy.yaml --type ruby
require "json"

ANSWERS = $stdout.dup
ANSWERS.sync = true
$stdout.reopen($stderr) # what a library prints goes to the log, not among the answers
$stdin.binmode

def say(line)
  ANSWERS.write(JSON.generate(line) + "\n")
end

# Returns what becomes of the job.
def handle(job, payload)
  name = begin
    JSON.parse(payload)["name"]
  rescue JSON::ParserError, TypeError, NoMethodError
    nil
  end
  return { outcome: "permanent", error: 'the payload has no "name"' } unless name
  { outcome: "done", result: "Hello, #{name}!" }
end

say(navvy: 1, ping: true)
while (line = $stdin.gets)
  job = JSON.parse(line)
  if job["ping"]
    say(pong: job["ping"])
    next
  end
  payload = $stdin.read(job["payload_bytes"])
  answer = begin
    handle(job, payload)
  rescue StandardError => e # whatever it is, it may pass: tried again
    { outcome: "retry", error: "#{e.class}: #{e.message}" }
  end
  say(answer.merge(id: job["id"]))
end
