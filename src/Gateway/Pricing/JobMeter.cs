using System.Collections.Immutable;

namespace Gateway.Pricing;

/// <summary>How a meter finds jobs in answers, whose result comes later than their submission.</summary>
/// <param name="Name">In the configuration: <c>Gateway:Jobs</c>.</param>
/// <param name="TokenField">Where an answer names the job, an index among <see cref="ResponseFields"/>.</param>
/// <param name="Parameter">The parameter of the route's path that names it; null: the route submits jobs.</param>
/// <param name="StatusField">Where an answer says whether it runs.</param>
/// <param name="ValueField">Where an answer says what it costs.</param>
/// <param name="Running">What it says then.</param>
/// <param name="SettleAfter">When a job is charged whose result nobody fetched.</param>
/// <param name="Remember">How long it is known that a job was charged.</param>
/// <param name="IfUnseen">Whole units that a job costs whose result nobody fetched.</param>
internal sealed record JobMeter(
    string Name, int TokenField, string? Parameter, int StatusField, int ValueField, ImmutableArray<string> Running, TimeSpan SettleAfter, TimeSpan Remember, long IfUnseen)
{
    /// <summary>The request has the result and not the answer: a callback of the API's to whoever submitted the job, who is charged.</summary>
    public bool IsCallback { get; init; }

    /// <summary>The request makes one job, and has its answer when the job has its result if the client waits for that.</summary>
    public bool IsSubmission => this is { IsCallback: false, IsList: false, Parameter: null };

    /// <summary>An answer has a list of jobs.</summary>
    public bool IsList { get; init; }

    /// <summary>Null: the answer is about no job. Else its token, and whether its result is here.</summary>
    /// <param name="row">The values of one job in the answer.</param>
    /// <param name="path">The parameters of the request's path.</param>
    public (string Token, bool IsDone)? Read(string?[] row, RouteValueDictionary path)
    {
        var asked = Parameter is null ? null : path[Parameter] as string;
        var token = asked ?? row[TokenField];
        return string.IsNullOrEmpty(token) ? null : (token, IsDone(row));
    }

    /// <summary>
    /// A client that chooses what an answer has can leave its status out. Then a number is that of a result, <c>null</c> is what a job has that runs, and who asked for a result and has
    /// neither has got one.
    /// </summary>
    private bool IsDone(string?[] row) =>
        row[StatusField] is { } status ? !Running.Contains(status)
        : row[ValueField] is { } value ? value != ResponseScan.Null
        : Parameter is not null;
}
