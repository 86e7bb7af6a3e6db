using Gateway.Demo.Runner;

namespace Gateway.Demo;

/// <summary>Only the code runner, for a machine or container of its own.</summary>
internal static class RunnerCommand
{
    public static async Task<int> RunAsync(string[] args)
    {
        var options = new RunnerOptions();
        if (args is ["--urls", var urls]) options.Urls = urls;
        else if (args.Length > 0)
        {
            Console.Error.WriteLine(DemoCommand.Help);
            return 2;
        }

        await using var runner = await RunnerHost.BuildAsync(options, ownsProcess: true);
        await runner.StartAsync();
        Console.WriteLine($"The code runner answers at {string.Join(", ", runner.Urls)}.");
        await runner.WaitForShutdownAsync();
        return 0;
    }
}
