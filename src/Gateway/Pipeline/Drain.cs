using Microsoft.Extensions.Options;

namespace Gateway.Pipeline;

/// <summary>
/// The end of the process as requests see it: after the order to stop they have <c>HostOptions.ShutdownTimeout</c> (30 s unless configured). Answers that
/// go on are told a little earlier, so that they end in good order.
/// </summary>
internal sealed class Drain
{
    private static readonly TimeSpan Earlier = TimeSpan.FromSeconds(2);

    private readonly TimeProvider _clock;
    private readonly TimeSpan _patience;
    private long _stoppedAt;

    public Drain(IHostApplicationLifetime lifetime, IOptions<HostOptions> options, TimeProvider clock)
    {
        (_clock, _patience) = (clock, options.Value.ShutdownTimeout);
        lifetime.ApplicationStopping.Register(() => Volatile.Write(ref _stoppedAt, clock.GetTimestamp()));
    }

    /// <summary>The server breaks off what is still there.</summary>
    public bool IsOver => HasLasted(_patience);

    /// <summary>Answers that go on have to end.</summary>
    public bool IsDue => HasLasted(_patience > Earlier * 2 ? _patience - Earlier : _patience / 2);

    private bool HasLasted(TimeSpan time) => Volatile.Read(ref _stoppedAt) is not 0 and var stopped && _clock.GetElapsedTime(stopped) >= time;
}
