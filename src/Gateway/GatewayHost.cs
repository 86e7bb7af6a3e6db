using Gateway.Admin;
using Gateway.Authentication;
using Gateway.Billing.Paygentic;
using Gateway.Configuration;
using Gateway.Forwarding;
using Gateway.Forwarding.Upstream;
using Gateway.Idempotency;
using Gateway.Jobs;
using Gateway.Journal;
using Gateway.Keys;
using Gateway.Onboarding;
using Gateway.Pipeline;
using Gateway.Recovery;
using Gateway.Reservations;
using Gateway.Reservations.Pool;
using Gateway.SelfService;
using Gateway.Settlements;
using Gateway.Shadow;
using Gateway.Shipping;
using Gateway.Streams;
using Serilog;
using Serilog.Events;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;
using Yarp.ReverseProxy.Transforms;

namespace Gateway;

/// <summary>The composition root: one line per stage, in the order of a request's journey.</summary>
internal static class GatewayHost
{
    /// <summary>Builds the whole gateway from a configuration file. Throws <see cref="InvalidConfigurationException"/> with every error in it.</summary>
    public static WebApplication Build(string configPath, Action<WebApplicationBuilder>? customize = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Host.UseConsoleLifetime();
        var configuration = builder.AddGatewayConfiguration(configPath).Snapshot;
        AddLogging(builder);
        var options = configuration.Options;

        AppContext.SetSwitch("Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators", true); // a line ends in one way only
        builder.WebHost.UseSockets(sockets =>
        {
            sockets.UnsafePreferInlineScheduling = true; // nothing between here and the upstream blocks; see Program
            sockets.WaitForDataBeforeAllocatingBuffer = false; // a system call less for each request, 4 KB more for each idle connection
        });
        builder.WebHost.UseKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Configure(builder.Configuration.GetSection("Kestrel")); // endpoints and certificates, as in any ASP.NET Core application
            builder.Configuration.GetSection("Kestrel:Limits").Bind(kestrel.Limits);
            HeaderBytes.KeepIn(kestrel);
            kestrel.ConfigureEndpointDefaults(SharedSends.UseIn);
        });
        if (configuration.Urls is { } urls) builder.WebHost.UseUrls(urls);

        builder.Services.AddSingleton(TimeProvider.System).AddMetrics();
        builder.Services.AddLedger(options).AddQuarantine(options);
        builder.Services.AddPaygentic(options.Paygentic);
        builder.Services.AddRedis(options).AddKeys(options.ApiKeys).AddReservations(options);
        builder.Services.AddShadow();
        builder.Services.AddSingleton<SettlementMetrics>().AddSingleton<Settler>();
        builder.Services.AddShipping(options);
        builder.Services.AddOnboarding(options.SelfService);
        builder.Services.AddAdmin(options.Admin);
        builder.Services.AddPipeline(options);
        builder.Services.AddReverseProxy()
            .LoadFromConfig(builder.Configuration.GetSection("ReverseProxy"))
            .AddTransforms(transforms => transforms
                .AddRequestTransform(ForwardedTarget.KeepAsync)
                .AddResponseTransform(HopByHop.RemoveFromAnswerAsync)
                .AddResponseTransform(NoContent.RemoveAsync)
                .AddResponseTransform(MeteredExchange.HeadersArrivedAsync));
        builder.Services.AddSingleton<IForwarderHttpClientFactory, LeanHttpClientFactory>();
        builder.Services.AddShortForwarder();
        customize?.Invoke(builder);

        var app = builder.Build();
        app.Use(next => context =>
        {
            SharedSends.Note(context);
            return next(context);
        });
        app.UseMiddleware<RequestGuard>();
        app.UseRouting();
        ((IApplicationBuilder)app).Properties["__AuthorizationMiddlewareSet"] = true; // it would look at every request, and there is no policy that it could find
        app.UseWhen( // the same: it looks through the metadata of every endpoint, and with thousands of routes those are in no cache
            context => context.GetEndpoint()?.Metadata.GetMetadata<RouteModel>()?.Config.Timeout is not null,
            limited => limited.UseRequestTimeouts());
        app.MapReverseProxy(proxy =>
        {
            proxy.UseMiddleware<RequestLogMiddleware>();
            proxy.UseMiddleware<MeteringMiddleware>();
            proxy.UseSessionAffinity();
            proxy.UseLoadBalancing();
            proxy.UseWhen(
                context => context.GetReverseProxyFeature().Cluster.Config.HealthCheck?.Passive?.Enabled == true, // it would take its time of every request
                watched => new ProxyBranch(watched).UsePassiveHealthChecks());
        });
        if (options.SelfService.Prefix is { } prefix) app.MapSelfService(prefix, options.Paygentic);
        app.MapFallback("{**path}", context => Problems.WriteAsync(
            context, Denial.RouteUnknown, context.RequestServices.GetRequiredService<ExchangeServices>().NewRequestId()));
        return app;
    }

    /// <summary>What sending the quarantine again takes, which another process does.</summary>
    internal static IServiceCollection AddReplay(this IServiceCollection services, GatewayOptions options) => services
        .AddSingleton(TimeProvider.System).AddMetrics().AddLogging()
        .AddPaygentic(options.Paygentic)
        .AddSingleton<ShippingMetrics>()
        .AddSingleton<Shipment>()
        .AddRedis(options)
        .AddQuarantine(options)
        .AddSingleton<QuarantineReplay>();

    private static void AddLogging(WebApplicationBuilder builder)
    {
        var logger = new LoggerConfiguration()
            .MinimumLevel.Information()
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("Microsoft.AspNetCore.Hosting.Diagnostics", LevelAlias.Off) // on, each request has a span and a scope that nobody sees
            .MinimumLevel.Override("Microsoft.AspNetCore.DataProtection", LogEventLevel.Error) // keys of YARP's affinity cookies, where a cluster uses them
            .MinimumLevel.Override("Microsoft.Extensions.Hosting.Internal.Host", LogEventLevel.Fatal) // what fails to start is told once, by who started it
            .MinimumLevel.Override("System", LogEventLevel.Warning)
            .MinimumLevel.Override("Polly", LogEventLevel.Error)
            .MinimumLevel.Override("Yarp", LogEventLevel.Warning)
            .MinimumLevel.Override(RequestLogMiddleware.Category, LogEventLevel.Warning)
            .WriteTo.Console(formatProvider: System.Globalization.CultureInfo.InvariantCulture)
            .ReadFrom.Configuration(builder.Configuration)
            .CreateLogger();
        builder.Services.AddSerilog(logger, dispose: true);
    }

    private static IServiceCollection AddLedger(this IServiceCollection services, GatewayOptions options) =>
        options.Journal.Engine == LedgerEngine.RedisStreams ? services.AddStreams(options) : services.AddJournal(options);

    private static IServiceCollection AddStreams(this IServiceCollection services, GatewayOptions options) => services
        .AddSingleton(options.Journal)
        .AddSingleton(NodeIdentity.Passing())
        .AddSingleton<StreamLedger>()
        .AddSingleton<ILedger>(provider => provider.GetRequiredService<StreamLedger>())
        .AddSingleton<IBacklog>(provider => provider.GetRequiredService<StreamLedger>())
        .AddHostedService(provider => provider.GetRequiredService<StreamLedger>())
        .AddSingleton<IOutbox, StreamOutbox>();

    private static IServiceCollection AddJournal(this IServiceCollection services, GatewayOptions options) => services
        .AddSingleton(options.Journal)
        .AddSingleton(_ => NodeIdentity.Of(options.DataDirectory))
        .AddSingleton(provider => UsageJournal.Open(
            Path.Combine(options.DataDirectory, "journal"), options.Journal, provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<UsageJournal>>()))
        .AddSingleton<ILedger>(provider => new JournalLedger(provider.GetRequiredService<UsageJournal>(), options.Journal.Durability))
        .AddSingleton<OpenShipments>()
        .AddSingleton<HoldRecovery>()
        .AddSingleton<JobRecovery>()
        .AddHostedService<RecoveryService>()
        .AddHostedService<JournalRetention>()
        .AddSingleton<SegmentSealer>()
        .AddHostedService(provider => provider.GetRequiredService<SegmentSealer>())
        .AddSingleton<IOutbox, JournalOutbox>()
        .AddSingleton<IBacklog, JournalBacklog>();

    private static IServiceCollection AddQuarantine(this IServiceCollection services, GatewayOptions options) =>
        options.Journal.Engine == LedgerEngine.RedisStreams
            ? services.AddSingleton<IQuarantine, RedisQuarantine>()
            : services.AddSingleton(provider => new FileQuarantine(options.DataDirectory, provider.GetRequiredService<TimeProvider>()))
                .AddSingleton<IQuarantine>(provider => provider.GetRequiredService<FileQuarantine>());

    private static IServiceCollection AddRedis(this IServiceCollection services, GatewayOptions options) => services
        .AddSingleton(provider => new RedisConnection(options.Redis, options.DataDirectory, provider.GetRequiredService<ILoggerFactory>()));

    private static IServiceCollection AddKeys(this IServiceCollection services, ApiKeyOptions options) => services
        .AddSingleton(options)
        .AddSingleton<KeyStore>()
        .AddSingleton(_ => new KeyCache(options.CacheEntries))
        .AddSingleton<KeyDirectory>()
        .AddSingleton<KeyService>()
        .AddSingleton<Authenticator>()
        .AddHostedService<KeyFeed>();

    private static void AddReservations(this IServiceCollection services, GatewayOptions options) => services
        .AddSingleton(options.Reservations)
        .AddSingleton(provider => PoolTerms.Of(
            provider.GetRequiredService<NodeIdentity>(), options.Redis.Mode, options.Reservations, TimeSpan.FromSeconds(options.Paygentic.TimeoutSeconds)))
        .AddSingleton<ReservationMetrics>()
        .AddSingleton<IEntitlementPool, RedisEntitlementPool>()
        .AddSingleton<AccountTable>()
        .AddSingleton<Refiller>()
        .AddSingleton<Reserver>()
        .AddSingleton<PendingReturns>()
        .AddSingleton<IdleAccounts>()
        .AddSingleton<LeaseReturner>()
        .AddHostedService<PoolWarmUp>()
        .AddHostedService<LeaseKeeper>();

    private static void AddShadow(this IServiceCollection services) => services
        .AddSingleton<ShadowBook>()
        .AddSingleton<ShadowVerdicts>()
        .AddSingleton<ShadowReport>()
        .AddHostedService(provider => provider.GetRequiredService<ShadowReport>());

    private static void AddShipping(this IServiceCollection services, GatewayOptions options) => services
        .AddSingleton(options.Shipping)
        .AddSingleton<ShippingMetrics>()
        .AddSingleton<Shipment>()
        .AddHostedService<UsageShipper>();

    private static void AddPipeline(this IServiceCollection services, GatewayOptions options) => services
        .AddRequestTimeouts()
        .Configure<RouteOptions>(routing => routing.SuppressCheckForUnhandledSecurityMetadata = true) // ProxyReader has refused what it would find
        .AddSingleton<Drain>()
        .AddSingleton<JobStore>()
        .AddSingleton<ChargedJobs>()
        .AddSingleton<JobCharges>()
        .AddHostedService<JobSweep>()
        .AddSingleton<IdempotencyStore>()
        .AddSingleton<IdempotencyClaims>()
        .AddHostedService(provider => provider.GetRequiredService<IdempotencyClaims>())
        .AddSingleton<RepeatReader>()
        .AddSingleton<HoldReleases>()
        .AddHostedService(provider => provider.GetRequiredService<HoldReleases>())
        .AddSingleton<RunningCharges>()
        .AddHostedService(provider => provider.GetRequiredService<RunningCharges>())
        .AddSingleton(provider => ActivatorUtilities.CreateInstance<ExchangeServices>(provider, options.SelfService.Receipts));

    /// <summary>In front of YARP's own, which takes what is not plain.</summary>
    private static void AddShortForwarder(this IServiceCollection services)
    {
        var yarp = services.Last(s => s.ServiceType == typeof(IHttpForwarder)).ImplementationType!;
        services.AddSingleton<IHttpForwarder>(provider => new ShortForwarder((IHttpForwarder)ActivatorUtilities.CreateInstance(provider, yarp)));
    }

    private static void AddOnboarding(this IServiceCollection services, SelfServiceOptions options) => services
        .AddSingleton(options)
        .AddSingleton<SignUpTurns>()
        .AddSingleton<SignUp>()
        .AddSingleton<PortalLinks>()
        .AddSingleton<WatchTurn>()
        .AddSingleton<PaymentWatch>()
        .AddHostedService(provider => provider.GetRequiredService<PaymentWatch>())
        .AddSingleton<CustomerUsage>()
        .AddSingleton<Webhook>();

    private static void AddAdmin(this IServiceCollection services, AdminOptions options) => services
        .AddSingleton(options)
        .AddSingleton<NodeStatus>()
        .AddSingleton<NodeGauges>()
        .AddSingleton<MetricsExporter>()
        .AddSingleton<AuditLog>()
        .AddSingleton<RouteIds>()
        .AddSingleton<AdminServer>()
        .AddHostedService(provider => provider.GetRequiredService<AdminServer>());
}
