using System.Globalization;
using System.Text.Json.Serialization.Metadata;

namespace Gateway.Billing.Paygentic;

/// <summary>Paygentic's lists, which come in pages.</summary>
internal static class PaygenticLists
{
    private const int PageSize = 100;

    /// <summary>All of a list, and what Paygentic's clock said when it gave it. Each entry once: what is made meanwhile moves others to the next page.</summary>
    /// <param name="client">Asks.</param>
    /// <param name="path">With a query, to which the page is added.</param>
    /// <param name="id">Of an entry.</param>
    /// <param name="type">Of the answer.</param>
    /// <param name="what">For people.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="BillingException">A page can not be read, or brings nothing new and says that there is more. What is not found would be made again.</exception>
    public static async Task<List<(T Entry, DateTimeOffset? At)>> ListAsync<T>(
        this PaygenticClient client, string path, Func<T, string?> id, JsonTypeInfo<ListAnswer<T>> type, string what, CancellationToken cancellationToken)
        where T : class
    {
        var all = new List<(T Entry, DateTimeOffset? At)>();
        var (ids, offset) = (new HashSet<string?>(StringComparer.Ordinal), 0);
        while (true)
        {
            var answer = await client.GetAsync(string.Create(CultureInfo.InvariantCulture, $"{path}&limit={PageSize}&offset={offset}"), type, cancellationToken);
            var list = answer.Read(what);
            var page = list.Entries ?? throw Unreadable(what);
            var found = page.OfType<T>().Where(e => ids.Add(id(e))).ToList();
            all.AddRange(found.Select(e => (e, answer.ServerTime)));
            offset += page.Count;

            // A page may have fewer entries than were asked for. Only without a total does that make it the last. A total can count what is not shown; but a list that begins with nothing of
            // so and so many says nothing.
            var isLast = list.Pagination?.Total is { } total ? offset >= total : page.Count < PageSize;
            if (isLast || (page.Count == 0 && offset > 0)) return all;
            if (found.Count == 0) throw Unreadable(what);
        }
    }

    private static BillingException Unreadable(string what) => new($"Paygentic gave a {what} that can not be read.", isRefusal: false);
}

internal sealed record ListAnswer<T>(IReadOnlyList<T?>? Data, PageAnswer? Pagination)
    where T : class
{
    /// <summary>What a page lists. Null for an answer without a list: it says nothing of what there is, unless it says that there is nothing.</summary>
    public IReadOnlyList<T?>? Entries => Data ?? (Pagination is { Total: 0 } ? [] : null);
}

/// <param name="Total">Of all pages.</param>
internal sealed record PageAnswer(int? Total);
