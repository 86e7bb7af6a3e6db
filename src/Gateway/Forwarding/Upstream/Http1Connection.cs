using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Gateway.Forwarding.Upstream;

/// <summary>
/// One connection to an upstream and the exchange on it. Request and answer end each by itself, in either order; after both the connection goes back to
/// its pool, unless anything speaks against its use for another request.
/// </summary>
internal sealed class Http1Connection(Socket socket, ConnectionPool pool, int maxHeaderBytes, TimeProvider clock)
{
    /// <summary>How often a request is sent again on another connection, at most: as often as by .NET's own client.</summary>
    public const int MaxRetries = 3;

    private readonly ResponseHead _head = new(maxHeaderBytes);
    private readonly long _openedAt = clock.GetTimestamp();
    private long _idleSince = clock.GetTimestamp();
    private ValueTask<int> _ahead;
    private bool _hasAhead;
    private bool _isWaitedFor;
    private bool _mayRetry;
    private bool _mayServeAgain;
    private int _sides;
    private int _isAborted;

    public ReceiveBuffer Received { get; } = new();

    public TimeSpan Age => clock.GetElapsedTime(_openedAt);

    public TimeSpan IdleFor => clock.GetElapsedTime(_idleSince);

    /// <summary>How long the upstream keeps it open without requests, if it said so.</summary>
    public TimeSpan? KeepAlive { get; private set; }

    /// <summary>The <see cref="HomeThread"/> on which its bytes arrive.</summary>
    public int Home { get; private set; } = HomeThread.Current;

    public bool IsAborted => Volatile.Read(ref _isAborted) != 0;

    /// <summary>Whether a request that failed on it can be sent on another: it does no harm, nothing of an answer came, and it was not given up here.</summary>
    public bool MayTryAnother => _mayRetry && !IsAborted;

    /// <summary>Nothing was received on it while it was idle, neither bytes nor its end.</summary>
    public bool IsQuiet
    {
        get
        {
            try
            {
                return !socket.Poll(0, SelectMode.SelectRead);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return false;
            }
        }
    }

    /// <summary>Starts to receive before anything is sent: false when there is something already, which can be no answer. Costs no call more, as it is waited for anyway.</summary>
    public bool TryPrepare()
    {
        try
        {
            var ahead = ReceiveAsync(Received.Free);
            if (ahead.IsCompleted)
            {
                _ = ahead.Result;
                return false;
            }

            _ahead = ahead;
            return _hasAhead = true;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    public bool TryPrepareOrAbort()
    {
        if (TryPrepare()) return true;
        Abort();
        return false;
    }

    /// <summary>
    /// Sends a request and returns its answer as soon as its headers are here. Null when the connection turned out to be closed or reset already and the
    /// request may be sent once more: it has no body, can be repeated without harm, and the connection had been idle.
    /// </summary>
    public async ValueTask<HttpResponseMessage?> ExchangeAsync(HttpRequestMessage request, RequestHead head, bool mayRetry, CancellationToken cancellationToken)
    {
        _mayRetry = mayRetry && _hasAhead && request.Content is null && IsRepeatable(request.Method.Method);
        _mayServeAgain = true;
        _sides = 1;
        _head.Expect(request);
        RequestBody? body = null;
        var registration = AbortWhen(cancellationToken);
        try
        {
            if (request.Content is { } content)
            {
                _sides = 2;
                body = new RequestBody(this, head);
                await body.StartAsync(content, cancellationToken);
            }
            else
            {
                await SendAsync(head.Written);
            }

            var isThere = await ReceiveHeadAsync();
            registration.Dispose();
            if (isThere)
            {
                ObjectDisposedException.ThrowIf(IsAborted || cancellationToken.IsCancellationRequested, this);
                return Answer();
            }

            Abort();
            return null;
        }
        catch (SocketException) when (MayTryAnother && !cancellationToken.IsCancellationRequested)
        {
            registration.Dispose();
            Abort();
            return null;
        }
        catch (Exception e)
        {
            registration.Dispose();
            var failure = body?.Failure ?? e;
            Abort();
            throw UpstreamErrors.BeforeAnswer(failure, cancellationToken);
        }
    }

    /// <summary>
    /// Sends a request, body and all. Its answer's head goes into the client's answer: to be waited for by <see cref="ArrivalAsync"/> and read by
    /// <see cref="Arrived"/>, in turns. So the one who asks waits by himself, and not through two more methods for each of the requests under way.
    /// </summary>
    public ValueTask BeginAsync(ReadOnlyMemory<byte> request, HttpResponse client, bool isHead, bool mayRetry)
    {
        _mayRetry = mayRetry && _hasAhead;
        _mayServeAgain = true;
        _sides = 1;
        _head.Expect(client, isHead);
        return SendAsync(request);
    }

    /// <summary>Bytes of the answer's head; 0: the end of the connection.</summary>
    public ValueTask<int> ArrivalAsync()
    {
        var receiving = _hasAhead ? TakeAhead() : ReceiveAsync(Received.Free);
        _isWaitedFor = !receiving.IsCompleted;
        return receiving;
    }

    /// <summary>Takes what has arrived.</summary>
    public HeadProgress Arrived(int received)
    {
        if (_isWaitedFor) Home = HomeThread.Current;
        var isFirst = _mayRetry;
        _mayRetry = false;
        if (received == 0) return isFirst ? HeadProgress.Ended : throw UpstreamErrors.Ended();
        Received.Commit(received);
        if (!_head.TryRead(Received)) return HeadProgress.Partial;
        TakeFraming();
        return HeadProgress.Whole;
    }

    /// <summary>The answer's head, once it is here.</summary>
    public ResponseHead Head => _head;

    /// <summary>The body where all of it was received with the head; empty where it was not. Valid until the answer is over.</summary>
    public ReadOnlyMemory<byte> WholeBody =>
        _head.Framing is { IsChunked: false, Length: { } length } && length > 0 && length <= Received.Length ? Received.Memory[..(int)length] : default;

    /// <summary>The whole body has been passed on.</summary>
    public void WholeBodyIsRead()
    {
        Received.Consume((int)_head.Framing.Length!.Value);
        AnswerIsOver(isWhole: true);
    }

    /// <summary>Sends all of it.</summary>
    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        var sending = socket.SendAsync(bytes, SocketFlags.None);
        if (!sending.IsCompletedSuccessfully) return FinishSendAsync(sending, bytes);
        var sent = sending.Result;
        return sent == bytes.Length ? default : FinishSendAsync(socket.SendAsync(bytes[sent..], SocketFlags.None), bytes[sent..]);
    }

    public ValueTask<int> ReceiveAsync(Memory<byte> buffer) => socket.ReceiveAsync(buffer, SocketFlags.None);

    /// <summary>Whoever waits for the connection then fails at once. To be disposed before the connection can serve another request.</summary>
    public CancellationTokenRegistration AbortWhen(CancellationToken cancellationToken) =>
        cancellationToken.UnsafeRegister(static connection => ((Http1Connection)connection!).Abort(), this);

    /// <param name="isWhole">False when the connection's end was that of the answer.</param>
    public void AnswerIsOver(bool isWhole)
    {
        if (!isWhole || Received.Length != 0) _mayServeAgain = false; // bytes that belong to no answer must not become the next one
        SideIsOver();
    }

    /// <param name="isWhole">False when the upstream did not take all of the request's body.</param>
    public void RequestIsOver(bool isWhole)
    {
        if (!isWhole) _mayServeAgain = false;
        SideIsOver();
    }

    /// <summary>Closes it, in use or not. Does nothing the second time.</summary>
    public void Abort()
    {
        if (Interlocked.Exchange(ref _isAborted, 1) != 0) return;
        socket.Dispose();
        pool.Forget();
    }

    /// <summary>As RFC 9110 has it: an upstream that got such a request twice has done no more than it was asked.</summary>
    public static bool IsRepeatable(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsPut(method) || HttpMethods.IsDelete(method);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask FinishSendAsync(ValueTask<int> sending, ReadOnlyMemory<byte> rest)
    {
        rest = rest[await sending..];
        while (!rest.IsEmpty) rest = rest[await socket.SendAsync(rest, SocketFlags.None)..];
    }

    private ValueTask<int> TakeAhead()
    {
        _hasAhead = false;
#pragma warning disable CA2012 // kept from when the connection was taken to here, and awaited once
        return _ahead;
#pragma warning restore CA2012
    }

    /// <summary>False when the connection ended before anything came, and the caller may try another.</summary>
    private async ValueTask<bool> ReceiveHeadAsync()
    {
        while (true)
        {
            var progress = Arrived(await ArrivalAsync());
            if (progress != HeadProgress.Partial) return progress == HeadProgress.Whole;
        }
    }

    private void TakeFraming()
    {
        if (!_head.AllowsReuse) _mayServeAgain = false;
        KeepAlive = _head.Framing.KeepAlive;
    }

    private HttpResponseMessage Answer()
    {
        var response = _head.Response;
        if (_head.HasBody) ((ResponseContent)response.Content).SetBody(new ResponseBody(this, _head));
        else AnswerIsOver(isWhole: true);
        return response;
    }

    private void SideIsOver()
    {
        if (Interlocked.Decrement(ref _sides) != 0) return;
        if (!_mayServeAgain || IsAborted)
        {
            Abort();
            return;
        }

        _head.Forget();
        Received.Rest();
        _idleSince = clock.GetTimestamp();
        pool.Return(this);
    }
}
