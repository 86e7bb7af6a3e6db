namespace Gateway.Forwarding;

/// <summary>One writer at a time, and none any more after the last. Costs next to nothing while nobody else wants to write.</summary>
internal sealed class TurnAtWriting : IDisposable
{
    /// <summary>A client that does not take a byte for so long is not told anything.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private readonly SemaphoreSlim _free = new(1, 1);

    public Task TakeAsync(CancellationToken cancellationToken) => _free.WaitAsync(cancellationToken);

    public void Leave() => _free.Release();

    /// <summary>True: it is the caller's turn, for ever.</summary>
    public Task<bool> TryTakeLastAsync() => _free.WaitAsync(Patience);

    public void Dispose() => _free.Dispose();
}
