namespace Gateway.Demo.Runner;

/// <summary>Something that programs can be written in, and what runs them.</summary>
internal sealed record Language(int Id, string Name, ILanguageRuntime Runtime);

/// <summary>Runs one program within its limits. Does not throw: what goes wrong is a verdict.</summary>
internal interface ILanguageRuntime
{
    Task<RunResult> RunAsync(Submission submission, CancellationToken cancellationToken);
}

/// <summary>The languages of this machine: only what really runs is offered.</summary>
internal sealed class LanguageList
{
    public const int JavaScript = 63;
    public const int Python = 71;
    public const int StrictJavaScript = 163;

    private LanguageList(IReadOnlyList<Language> all) => All = all;

    public IReadOnlyList<Language> All { get; }

    public Language? Find(long id) => All.FirstOrDefault(l => l.Id == id);

    public static async Task<LanguageList> DetectAsync(bool withPython)
    {
        var all = new List<Language> { new(JavaScript, "JavaScript (Jint 4)", new JavaScriptRuntime(strict: false)) };
        if (withPython && await PythonRuntime.DetectAsync() is { } python) all.Add(new Language(Python, $"Python ({python.Version})", python));
        all.Add(new Language(StrictJavaScript, "JavaScript, strict mode (Jint 4)", new JavaScriptRuntime(strict: true)));
        return new LanguageList(all);
    }
}
