using System.Globalization;
using Gateway.Sandbox.Admin;
using Gateway.Sandbox.Catalogue;
using Gateway.Sandbox.Customers;
using Gateway.Sandbox.Entitlements;
using Gateway.Sandbox.Faults;
using Gateway.Sandbox.Http;
using Gateway.Sandbox.Merchant;
using Gateway.Sandbox.Pages;
using Gateway.Sandbox.Subscriptions;
using Gateway.Sandbox.Usage;

namespace Gateway.Sandbox;

/// <summary>An emulator of Paygentic's Legacy API (v0) for demonstration, tests and load. State is in memory.</summary>
public static class SandboxHost
{
    /// <summary>A server ready to start. With port 0 in <see cref="SandboxOptions.Urls"/> its <c>Urls</c> tell the port once it has started.</summary>
    /// <param name="options">How it is set up.</param>
    /// <param name="clock">For tests; default the system's.</param>
    /// <param name="ownsProcess">Whether Ctrl+C and SIGTERM end it: for a process that does nothing else.</param>
    public static WebApplication Build(SandboxOptions options, TimeProvider? clock = null, bool ownsProcess = false)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        if (ownsProcess) builder.Host.UseConsoleLifetime();
        builder.Logging.AddConsole().SetMinimumLevel(LogLevel.Warning)
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None); // what fails to start is told once, by who started it
        builder.WebHost.UseKestrelCore().UseUrls(options.Urls).ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Services.AddRoutingCore();
        var app = builder.Build();

        if (clock is not null)
        {
            app.Use((context, next) =>
            {
                context.Response.Headers.Date = clock.GetUtcNow().ToString("R", CultureInfo.InvariantCulture); // it tells the time that it acts by
                return next(context);
            });
        }

        clock ??= TimeProvider.System;
        var state = new MerchantState(options, clock);
        MerchantState Current() => Volatile.Read(ref state);
        var faults = new FaultInjection(clock);
        var gate = new ApiGate(options, faults, Current);

        app.UseRouting();
        app.Use((context, next) => gate.InvokeAsync(context, next));
        app.MapCatalogue(Current);
        app.MapCustomers(Current);
        app.MapSubscriptions(Current);
        app.MapEntitlements(Current);
        app.MapUsage(Current);
        app.MapPages(Current);
        app.MapAdmin(Current, () => Volatile.Write(ref state, new MerchantState(options, clock)), faults);
        app.MapFallback("{**path}", (RequestDelegate)(context => ApiError.NotFound("Path").WriteAsync(context)));
        return app;
    }
}
