namespace Gateway.Reservations.Pool;

/// <summary>What a node tells the pool with each operation.</summary>
/// <param name="Node">The node's id: no spaces.</param>
/// <param name="Server">
/// Which run of the pool's server this is, without spaces; "" where the server is to be asked. A pool that can not lose what it acknowledged has one name for ever.
/// </param>
/// <param name="Margin">Nothing is leased from an entitlement that ends sooner.</param>
/// <param name="Turn">How long a node may take to ask the provider; then another one asks.</param>
internal sealed record PoolTerms(string Node, string Server, TimeSpan Margin, TimeSpan Turn)
{
    // The embedded Redis has one client, this process, and answers only what is on disk.
    private const string Embedded = "embedded";
    private static readonly TimeSpan TurnReserve = TimeSpan.FromSeconds(5);

    public static PoolTerms Of(NodeIdentity node, RedisMode mode, ReservationOptions reservations, TimeSpan providerTimeout) => new(
        node.Id.ToString("N"), mode == RedisMode.Embedded ? Embedded : "",
        TimeSpan.FromSeconds(reservations.ExpiryMarginSeconds), providerTimeout + TurnReserve);
}
