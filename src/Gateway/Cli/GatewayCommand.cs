using System.CommandLine;
using System.CommandLine.Invocation;
using Gateway.Cli.Admin;
using Gateway.Cli.Catalog;
using Gateway.Cli.Explain;
using Gateway.Cli.Journal;
using Gateway.Configuration;

namespace Gateway.Cli;

/// <summary>The command line: <c>Gateway [serve] --config file</c> and the verbs beside it.</summary>
internal static class GatewayCommand
{
    private const int WrongCommandLine = 2;

    /// <summary>Exit codes: 0 well, 1 the configuration is wrong or the start failed, 2 it can not be read or the command line is wrong.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var config = new Option<string>("--config", "-c")
        {
            Description = "The configuration file. Environment variables go over it: Gateway__Paygentic__ApiKey is Gateway:Paygentic:ApiKey.",
            DefaultValueFactory = _ => "config/gateway.json",
            Recursive = true,
        };

        var serve = new Command("serve", "Run the gateway (what happens without a verb).");
        serve.SetAction((parsed, cancellationToken) => ServeAsync(parsed.GetValue(config)!, cancellationToken));
        var validate = new Command("validate", "Say everything that is wrong with a configuration file, or what it charges.");
        validate.SetAction(parsed => ValidateCommand.Run(parsed.GetValue(config)!, Console.Out));
        var health = new Command("health", "Ask the gateway that runs with this configuration whether it is ready.");
        health.SetAction((parsed, cancellationToken) => HealthCommand.RunAsync(parsed.GetValue(config)!, Console.Out, cancellationToken));

        var root = new RootCommand(
            "A metering gateway: puts a price on an HTTP API. It checks API keys, sets money aside at Paygentic, forwards, measures and reports usage.")
        {
            config, serve, validate, health, KeysCommand.Create(config), CustomersCommand.Create(config), CatalogCommand.Create(config),
            ShadowCommand.Create(config), JournalCommand.Create(config), ExplainCommand.Create(config),
        };
        root.SetAction((parsed, cancellationToken) => ServeAsync(parsed.GetValue(config)!, cancellationToken));

        // The host answers SIGTERM and Ctrl+C, and takes its time to end well; the parser would cut it off after two seconds.
        var parsed = root.Parse(args);
        var exitCode = await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
        return parsed.Action is ParseErrorAction ? WrongCommandLine : exitCode; // the parser's own is 1, which says of a journal that it is damaged
    }

    private static async Task<int> ServeAsync(string configPath, CancellationToken cancellationToken)
    {
        WebApplication app;
        try
        {
            app = await StartAsync(configPath, cancellationToken);
        }
        catch (InvalidConfigurationException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return e.IsUnreadable ? ValidateCommand.Unreadable : ValidateCommand.Invalid;
        }
        catch (Exception e) when (FailedStart.Explain(e) is { } reason)
        {
            await Console.Error.WriteLineAsync($"The gateway could not start. {reason}");
            return 1;
        }

        await using (app)
        {
            app.Logger.LogInformation("The gateway answers at {Address}.", string.Join(", ", app.Urls));
            await app.WaitForShutdownAsync(cancellationToken);
            return 0;
        }
    }

    private static async Task<WebApplication> StartAsync(string configPath, CancellationToken cancellationToken)
    {
        var app = GatewayHost.Build(configPath);
        try
        {
            await app.StartAsync(cancellationToken);
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }
}
