using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Forwarding;

/// <summary>
/// Lets the gateway end an answer in good order. YARP takes the token's end for the client's going away, stops, and breaks the connection off: from
/// then on that reaches nobody, for the client was told why and sent an end.
/// </summary>
internal sealed class CutSwitch : IHttpRequestLifetimeFeature, IHttpResetFeature, IDisposable
{
    private readonly HttpContext _context;
    private readonly IHttpRequestLifetimeFeature _lifetime;
    private readonly IHttpResetFeature? _reset;
    private readonly CancellationTokenSource _stop;
    private volatile bool _isCut;

    public CutSwitch(HttpContext context)
    {
        _context = context;
        _lifetime = context.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
        _reset = context.Features.Get<IHttpResetFeature>();
        _stop = CancellationTokenSource.CreateLinkedTokenSource(_lifetime.RequestAborted);
        RequestAborted = _stop.Token;
        context.Features.Set<IHttpRequestLifetimeFeature>(this);
        if (_reset is not null) context.Features.Set<IHttpResetFeature>(this);
    }

    public CancellationToken RequestAborted { get; set; }

    /// <summary>The connection has ended, not only the answer.</summary>
    public bool IsClientGone => _lifetime.RequestAborted.IsCancellationRequested;

    /// <summary>The client has its end: YARP may stop.</summary>
    public void Cut()
    {
        _isCut = true;
        _stop.Cancel();
    }

    public void Abort()
    {
        if (!_isCut) _lifetime.Abort();
    }

    public void Reset(int errorCode)
    {
        if (!_isCut) _reset!.Reset(errorCode);
    }

    public void Dispose()
    {
        _context.Features.Set(_lifetime);
        if (_reset is not null) _context.Features.Set(_reset);
        _stop.Dispose();
    }
}
