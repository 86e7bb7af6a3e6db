using Gateway.Demo;
using Spectre.Console;

switch (args)
{
    case []:
        return await DemoCommand.RunAsync();
    case ["--selftest"]:
        return await SelfTest.RunAsync();
    case ["runner", .. var rest]:
        return await RunnerCommand.RunAsync(rest);
    default:
        AnsiConsole.WriteLine(DemoCommand.Help);
        return args is ["--help"] or ["-h"] ? 0 : 2;
}
