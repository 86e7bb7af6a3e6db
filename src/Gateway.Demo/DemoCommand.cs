using Microsoft.AspNetCore.Connections;
using Spectre.Console;

namespace Gateway.Demo;

/// <summary>Everything on one machine, until Ctrl+C.</summary>
internal static class DemoCommand
{
    public const string Help = """
        A metering gateway with all it needs on one machine: a sandbox of Paygentic, a code runner, the gateway.

          (nothing)            start everything, print a key and a curl, run until Ctrl+C
          --selftest           submit real programs until the wallet is empty and compare every bill; exit code 0 when they agree
          runner [--urls <a>]  only the code runner; default http://127.0.0.1:2358
          --help               this text
        """;

    public static async Task<int> RunAsync()
    {
        AnsiConsole.MarkupLine("Starting the sandbox, the code runner and the gateway …");
        try
        {
            await using var world = await DemoWorld.StartAsync(fixedPorts: true);
            Introduce(world);
            await world.WaitForShutdownAsync();
            return 0;
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            AnsiConsole.MarkupLineInterpolated($"[red]{e.Message}[/] The demo needs the ports 2358, 8080, 8081 and 8090: end what has it, another demo perhaps, and start again.");
            return 1;
        }
    }

    private static void Introduce(DemoWorld world)
    {
        var curl = $$"""
            curl -s '{{world.GatewayAddress}}submissions?wait=true' \
              -H 'Authorization: Bearer {{DemoWorld.Key}}' -H 'Content-Type: application/json' \
              -d '{"language_id": 63, "source_code": "console.log(6 * 7)"}'
            """;
        AnsiConsole.WriteLine();
        AnsiConsole.Write(new Table().Border(TableBorder.Rounded).HideHeaders().AddColumns("", "")
            .AddRow("Gateway", world.GatewayAddress.ToString())
            .AddRow("API key", DemoWorld.Key)
            .AddRow("Customer", $"{DemoWorld.Customer}, with ${DemoWorld.WalletDollars} in the wallet")
            .AddRow("Prices", "$0.001 a submission, $0.005 in a premium language (71, 163), $0.0001 a second")
            .AddRow("Ledger", $"{world.SandboxAddress}  (open it in a browser)")
            .AddRow("Health", $"{world.AdminAddress}readyz"));

        // To the console itself: what is to be copied must not be wrapped.
        Console.WriteLine($$"""
            Submit a program:

            {{curl}}

            Give the customer more money:

            curl -s {{world.SandboxAddress}}sandbox/fund -d '{"customerId": "{{DemoWorld.Customer}}", "amount": "1.00"}'

            """);
        AnsiConsole.MarkupLine("[grey]Ctrl+C ends it. Nothing is kept.[/]");
    }
}
