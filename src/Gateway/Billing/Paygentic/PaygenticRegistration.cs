using Gateway.Catalogue;
namespace Gateway.Billing.Paygentic;

internal static class PaygenticRegistration
{
    /// <summary>
    /// One client for both kinds of call, without retries: an entitlement must not be asked for twice, and usage is retried by the shipper, which
    /// knows what is still undecided.
    /// </summary>
    public static IServiceCollection AddPaygentic(this IServiceCollection services, PaygenticOptions options)
    {
        services.AddSingleton(options);
        services.AddHttpClient<PaygenticClient>(http => PaygenticClient.Configure(http, options))
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                AllowAutoRedirect = false, // an API does not redirect a POST; whoever does must not be sent the key
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                UseCookies = false,
            })
            .RemoveAllLoggers();
        services.AddSingleton<IBillingProvider, LegacyProvider>();
        services.AddSingleton<ICustomerAccounts, PaygenticAccounts>();
        services.AddSingleton<ICatalogStore, PaygenticCatalog>();
        return services;
    }
}
