# sidekiq: fills its queue (ruby sidekiq.rb), or drains it with a handler that does nothing (sidekiq -r ./sidekiq.rb).
# Run by ./run, which sets PEER_SOCKET, PEER_JOBS, PEER_BYTES.
require 'sidekiq'
begin
  require 'hiredis'
  require 'redis/connection/hiredis'
rescue LoadError
  warn 'sidekiq: without hiredis'
end

JOBS = Integer(ENV.fetch('PEER_JOBS'))
SERVER = { path: ENV.fetch('PEER_SOCKET') }.freeze
Sidekiq.configure_client { |config| config.redis = SERVER }
Sidekiq.configure_server { |config| config.redis = SERVER }
Sidekiq.logger.level = Logger::WARN

# Its own marks are the times: the first call of the handler, and the last one.
class Noop
  include Sidekiq::Worker
  CALLS = Queue.new

  def perform(_payload)
    calls = (CALLS << nil).size
    return unless calls == 1 || calls == JOBS

    $stdout.syswrite("#{Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond)}\n")
  end
end

if $PROGRAM_NAME == __FILE__
  (0...JOBS).each_slice(1000) do |slice|
    Sidekiq::Client.push_bulk('queue' => 'jobs', 'class' => 'Noop',
                              'args' => slice.map { |i| [i.to_s.rjust(Integer(ENV.fetch('PEER_BYTES')), '0')] })
  end
end
