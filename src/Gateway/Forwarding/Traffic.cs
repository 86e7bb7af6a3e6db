using Gateway.Model;
using Gateway.Pricing;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Forwarding;

/// <summary>
/// What passes between the client and the upstream of one metered request: counted, looked at, held up before its end, and ended early when the gateway says
/// so. Puts itself into the request's features, for YARP to find, and takes itself out again.
/// </summary>
internal sealed class Traffic : IDisposable
{
    private readonly HttpContext _context;
    private readonly IAnswerGate _gate;
    private readonly IHttpResponseBodyFeature _inner;
    private CountedRequestBody? _request;
    private GatedWebSocket? _webSocket;
    private CutSwitch? _switch;

    /// <param name="context">The request.</param>
    /// <param name="requestId">Its id.</param>
    /// <param name="gate">Told how the answer goes on.</param>
    /// <param name="scan">Looks at the answer; null: nobody does.</param>
    /// <param name="clock">For how long the client takes nothing.</param>
    public Traffic(HttpContext context, RequestId requestId, IAnswerGate gate, ResponseScan? scan, TimeProvider clock)
    {
        (_context, _gate) = (context, gate);
        _inner = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        Answer = new GatedResponseBody(context, _inner, requestId, gate, scan, clock);
        context.Features.Set<IHttpResponseBodyFeature>(Answer);
    }

    public GatedResponseBody Answer { get; }

    /// <summary>Bytes from the client that were forwarded, as far as they are counted.</summary>
    public long RequestBytes => (_request?.BytesRead ?? 0) + (_webSocket?.BytesRead ?? 0);

    /// <summary>Bytes sent to the client.</summary>
    public long ResponseBytes => Answer.Written + (_webSocket?.BytesWritten ?? 0);

    /// <summary>The connection to the client has ended, and not only the answer.</summary>
    public bool IsClientGone => _switch?.IsClientGone ?? _context.RequestAborted.IsCancellationRequested;

    /// <param name="scan">Looks at the request; null: its bytes are only counted.</param>
    public void CountRequest(ResponseScan? scan) => _context.Request.Body = _request = new CountedRequestBody(_context.Request.Body, scan);

    /// <summary>From now on the answer can be ended early, also that of an upgrade.</summary>
    public void AllowCut()
    {
        if (_switch is not null) return;
        var features = _context.Features;
        _switch = new CutSwitch(_context);
        var (upgrade, connect) = (features.Get<IHttpUpgradeFeature>(), features.Get<IHttpExtendedConnectFeature>());
        if (upgrade is not { IsUpgradableRequest: true } && connect is not { IsExtendedConnect: true }) return;
        var gated = new GatedUpgrade(upgrade, connect, TakeUpgraded);
        if (upgrade is not null) features.Set<IHttpUpgradeFeature>(gated);
        if (connect is not null) features.Set<IHttpExtendedConnectFeature>(gated);
    }

    /// <summary>Nothing of the upstream's is wanted any more.</summary>
    /// <param name="clientWasTold">It has its end, and its connection is good; otherwise that is broken off.</param>
    public void Cut(bool clientWasTold)
    {
        if (clientWasTold) _switch!.Cut();
        else _switch!.Abort();
    }

    /// <summary>Whoever answers from here on answers the client himself.</summary>
    public void LeaveAnswer() => _context.Features.Set(_inner);

    public void Dispose()
    {
        _switch?.Dispose();
        _webSocket?.Dispose();
        _request?.Dispose();
        Answer.Dispose();
    }

    private GatedWebSocket TakeUpgraded(Stream stream)
    {
        _webSocket = new GatedWebSocket(stream);
        _gate.AnswerRuns(_webSocket);
        return _webSocket;
    }
}
