using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Gateway.Model;
using Gateway.Pipeline;
using Gateway.Pricing;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Forwarding;

/// <summary>
/// Passes a response on and, just before the byte (or the headers) that would complete it, lets the charge be journaled. With a
/// <c>Content-Length</c> that byte is known; otherwise the end is what the server sends when the request is over: the last chunk, or END_STREAM.
/// </summary>
internal sealed class GatedResponseBody(HttpContext context, IHttpResponseBodyFeature inner, RequestId requestId, IAnswerGate gate, ResponseScan? scan, TimeProvider clock)
    : Stream, IHttpResponseBodyFeature, IRunningAnswer
{
    /// <summary>Upstreams give up a reader after half a minute or a minute; one that only has a bad line is seldom away for so long.</summary>
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(10);

    private long _written;
    private bool _runs;
    private TurnAtWriting? _turn;
    private EventEnd _eventEnd;
    private long? _expected;
    private bool _started;
    private bool _hasReceipt;
    private PipeWriter? _writer;

    /// <summary>Bytes of the body that were sent, or are being.</summary>
    public long Written => Volatile.Read(ref _written);

    /// <summary>Something is sent that the client's connection has not taken, and will not any more where it has failed.</summary>
    public bool WaitsForClient { get; private set; }

    /// <summary>The client once took nothing for so long that the upstream may have broken off because of it.</summary>
    public bool HasStalled { get; private set; }

    /// <summary>The upstream's headers are here.</summary>
    public void HeadersArrived() => gate.HeadersArrived();

    /// <summary>It is not known any more whether the answer comes in one piece.</summary>
    public void AnswerMayRun() => gate.AnswerMayRun();

    /// <summary>From now on somebody else may want to end the answer.</summary>
    public void ShareTurns() => _turn = new TurnAtWriting();

    public Stream Stream => this;

    public PipeWriter Writer => _writer ??= PipeWriter.Create(this, new StreamPipeWriterOptions(leaveOpen: true));

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public void DisableBuffering() => inner.DisableBuffering();

    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        await BeforeHeadersAsync();
        AddReceipt();
        Run();
        await inner.StartAsync(cancellationToken);
    }

    public async Task CompleteAsync()
    {
        if (_writer is not null) await _writer.FlushAsync(context.RequestAborted);
        await BeforeHeadersAsync();
        await gate.BeforeLastByteAsync();
        AddReceipt();
        await inner.CompleteAsync();
    }

    public async Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default)
    {
        await BeforeHeadersAsync();
        await gate.BeforeLastByteAsync();
        AddReceipt();
        await inner.SendFileAsync(path, offset, count, cancellationToken);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_started) AddHeaders();
        scan?.Read(buffer.Span);
        _written += buffer.Length;
        if (_written >= _expected) return WriteLastAsync(buffer, cancellationToken);
        AddReceipt();
        Run();
        return WriteInTurnAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        await BeforeHeadersAsync();
        AddReceipt();
        Run();
        WaitsForClient = !cancellationToken.IsCancellationRequested;
        var flushing = inner.Stream.FlushAsync(cancellationToken);
        if (!flushing.IsCompletedSuccessfully) await WaitForClientAsync(new ValueTask(flushing));
        WaitsForClient = false;
    }

    public override void Flush() => throw new NotSupportedException("Flush asynchronously.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Write asynchronously.");

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public async Task<bool> EndWithAsync(CutReason reason)
    {
        if (_turn is null || _expected is not null || !await _turn.TryTakeLastAsync()) return false;
        var trailers = context.Features.Get<IHttpResponseTrailersFeature>()?.Trailers;
        if (OutcomeReader.IsGrpc(context.Response) && trailers is not null)
        {
            trailers["grpc-status"] = reason.GrpcStatus.ToString(System.Globalization.CultureInfo.InvariantCulture);
            trailers["grpc-message"] = reason.Title;
        }
        else if (IsEventStream())
        {
            if (!_eventEnd.IsBetweenEvents) return false; // what follows would be taken for the rest of an event
            await inner.Stream.WriteAsync(Problems.EventOf(reason, requestId));
        }
        else if (trailers is not null)
        {
            trailers[GatewayHeaders.Problem] = reason.ProblemType;
        }
        else
        {
            return false;
        }

        await inner.CompleteAsync();
        return true;
    }

    /// <summary>Also for answers that end without any call here: headers only, sent by the server when the request is over.</summary>
    public void AddHeaders()
    {
        if (_started || context.Response.HasStarted) return;
        _started = true;
        _expected = context.Response.ContentLength;
        context.Response.Headers.TryAdd(GatewayHeaders.RequestId, requestId.Text); // an upstream that echoes it goes first
    }

    /// <summary>As late as can be: what an answer in one piece costs is known then.</summary>
    public void AddReceipt()
    {
        if (_hasReceipt || context.Response.HasStarted) return;
        _hasReceipt = true;
        gate.AddReceipt(context.Response.Headers);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _turn?.Dispose();
        base.Dispose(disposing);
    }

    private ValueTask WriteLastAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        var charging = gate.BeforeLastByteAsync();
        if (!charging.IsCompletedSuccessfully) return WaitAndWriteLastAsync(charging, buffer, cancellationToken);
        AddReceipt();
        return WriteInTurnAsync(buffer, cancellationToken);
    }

    private async ValueTask WaitAndWriteLastAsync(ValueTask charging, ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        await charging;
        AddReceipt();
        await WriteInTurnAsync(buffer, cancellationToken);
    }

    private ValueTask WriteInTurnAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken) =>
        _turn is { } turn ? WriteInTurnAsync(turn, buffer, cancellationToken) : SendAsync(buffer, cancellationToken);

    private async ValueTask WriteInTurnAsync(TurnAtWriting turn, ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        await turn.TakeAsync(cancellationToken);
        try
        {
            _eventEnd.Read(buffer.Span);
            await SendAsync(buffer, cancellationToken);
        }
        finally
        {
            turn.Leave();
        }
    }

    /// <summary>What is cancelled before it is sent does not wait for the client. Nearly all is taken at once, and costs nothing here.</summary>
    private ValueTask SendAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        WaitsForClient = !cancellationToken.IsCancellationRequested;
        var sending = inner.Stream.WriteAsync(buffer, cancellationToken);
        if (!sending.IsCompletedSuccessfully) return WaitForClientAsync(sending);
        WaitsForClient = false;
        return sending;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WaitForClientAsync(ValueTask sending)
    {
        var since = clock.GetTimestamp();
        await sending;
        WaitsForClient = false;
        HasStalled |= clock.GetElapsedTime(since) >= Stall;
    }

    private void Run()
    {
        if (_runs || EndsWithHeaders) return;
        _runs = true;
        gate.AnswerRuns(this);
    }

    private bool IsEventStream() =>
        context.Response.ContentType?.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase) == true
        && context.Response.Headers.ContentEncoding.Count == 0;

    private ValueTask BeforeHeadersAsync()
    {
        if (_started) return ValueTask.CompletedTask;
        AddHeaders();
        return EndsWithHeaders ? gate.BeforeLastByteAsync() : ValueTask.CompletedTask;
    }

    private bool EndsWithHeaders =>
        _expected == 0
        || context.Response.StatusCode is StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent or StatusCodes.Status304NotModified
        || HttpMethods.IsHead(context.Request.Method);
}
