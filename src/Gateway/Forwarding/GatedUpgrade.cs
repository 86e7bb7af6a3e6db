using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Forwarding;

/// <summary>Takes over the connection that a client upgrades: a WebSocket over HTTP/1.1 (101) or HTTP/2 (extended CONNECT).</summary>
internal sealed class GatedUpgrade(IHttpUpgradeFeature? upgrade, IHttpExtendedConnectFeature? connect, Func<Stream, GatedWebSocket> take)
    : IHttpUpgradeFeature, IHttpExtendedConnectFeature
{
    public bool IsUpgradableRequest => upgrade?.IsUpgradableRequest == true;

    public bool IsExtendedConnect => connect?.IsExtendedConnect == true;

    public string? Protocol => connect?.Protocol;

    public async Task<Stream> UpgradeAsync() => take(await upgrade!.UpgradeAsync());

    public async ValueTask<Stream> AcceptAsync() => take(await connect!.AcceptAsync());
}
