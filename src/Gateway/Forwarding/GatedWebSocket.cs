namespace Gateway.Forwarding;

/// <summary>The client's side of an upgraded connection: counts what passes, and can be ended between two frames.</summary>
internal sealed class GatedWebSocket(Stream inner) : Stream, IRunningAnswer
{
    private readonly TurnAtWriting _turn = new();
    private WebSocketFrames _frames;
    private long _read;
    private long _written;

    /// <summary>Bytes from the client.</summary>
    public long BytesRead => Volatile.Read(ref _read);

    /// <summary>Bytes to the client.</summary>
    public long BytesWritten => Volatile.Read(ref _written);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        Volatile.Write(ref _read, _read + read);
        return read;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _turn.TakeAsync(cancellationToken);
        try
        {
            _frames.Read(buffer.Span);
            Volatile.Write(ref _written, _written + buffer.Length);
            await inner.WriteAsync(buffer, cancellationToken);
        }
        finally
        {
            _turn.Leave();
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override void Flush() => throw new NotSupportedException("Flush asynchronously.");

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read asynchronously.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Write asynchronously.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public async Task<bool> EndWithAsync(CutReason reason)
    {
        if (!await _turn.TryTakeLastAsync() || !_frames.IsBetweenFrames) return false;
        await inner.WriteAsync(WebSocketFrames.Close(reason.CloseCode, reason.ProblemType));
        await inner.FlushAsync();
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            _turn.Dispose();
        }

        base.Dispose(disposing);
    }
}
