using Spectre.Console;

namespace Gateway.Cli.Journal;

/// <summary>How far something long has come, on standard error, for whoever looks at a terminal; nobody else is bothered.</summary>
internal static class ProgressBar
{
    public static Task<T> ShowAsync<T>(string what, Func<Action<double>, T> work) => ShowAsync(what, progress => Task.Run(() => work(progress)));

    public static async Task<T> ShowAsync<T>(string what, Func<Action<double>, Task<T>> work)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        if (Console.IsErrorRedirected || !console.Profile.Capabilities.Interactive) return await work(static _ => { });
        return await console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var task = context.AddTask(what, maxValue: 1);
                var result = await work(done => task.Value = done);
                task.Value = 1;
                return result;
            });
    }
}
