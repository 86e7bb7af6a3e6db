namespace Gateway.Torture.Streams;

/// <summary>All clients of one proxy.</summary>
internal sealed class StreamClients(Uri address, StreamPlan plan) : IDisposable
{
    private const int OpenedAtOnce = 32;
    private const int WarmUps = 200;

    private readonly HttpClient _http = new(new SocketsHttpHandler { EnableMultipleHttp2Connections = true, UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly List<OpenStream> _streams = [.. plan.Create()];

    public IReadOnlyList<OpenStream> Streams => _streams;

    public int Count => _streams.Count;

    public int Open => _streams.Count(s => s.EndedAt == 0);

    /// <summary>For how long the processor time of a proxy is looked at.</summary>
    public TimeSpan WatchFor { get; } = TimeSpan.FromSeconds(plan.HoldSeconds / 4.0);

    /// <summary>So that what a proxy sets up once is not counted as a stream's.</summary>
    public async Task WarmUpAsync(CancellationToken stop)
    {
        var first = Enumerable.Range(0, Math.Min(WarmUps, plan.Streams)).Select(_ => new OpenStream(Fate.Abandoned, StreamWorld.WarmUp)).ToList();
        await OpenAsync(first, stop);
        foreach (var stream in first) stream.Leave();
        await Task.WhenAll(first.Select(s => s.Ended)).WaitAsync(stop);
        foreach (var stream in first) stream.Dispose();
    }

    public Task OpenAsync(CancellationToken stop) => OpenAsync(_streams, stop);

    /// <summary>Until the next slice of the last one is set aside too.</summary>
    public Task SettleDownAsync(CancellationToken stop) => Task.Delay(TimeSpan.FromSeconds((plan.HoldSeconds / 2.0) + 0.5), TimeProvider.System, stop);

    public async Task FirstCutAsync(CancellationToken stop) =>
        await Task.WhenAny(_streams.Where(s => s.Fate == Fate.Cut).Select(s => s.Ended)).WaitAsync(TimeSpan.FromSeconds(plan.HoldSeconds * 4), stop);

    /// <summary>Each of those that are to be abandoned is, at some time within this.</summary>
    public Task LeaveAsync(TimeSpan over, CancellationToken stop) => Task.WhenAll(_streams.Where(s => s.Fate == Fate.Abandoned).Select(async stream =>
    {
        await Task.Delay(over * Random.Shared.NextDouble(), TimeProvider.System, stop);
        stream.Leave();
    }));

    public void LeaveAll()
    {
        foreach (var stream in _streams) stream.Leave();
    }

    public Task EndedAsync(CancellationToken stop) => Task.WhenAll(_streams.Select(s => s.Ended)).WaitAsync(TimeSpan.FromSeconds(60 + (plan.HoldSeconds * 4)), stop);

    public void Dispose()
    {
        foreach (var stream in _streams) stream.Dispose();
        _http.Dispose();
    }

    private Task OpenAsync(IEnumerable<OpenStream> streams, CancellationToken stop) => Parallel.ForEachAsync(
        streams, new ParallelOptions { MaxDegreeOfParallelism = OpenedAtOnce, CancellationToken = stop },
        async (stream, cancel) => await stream.OpenAsync(_http, address, plan.Http2, cancel));
}
