using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Gateway.Sandbox.Catalogue;

/// <summary>Products, metrics, prices, plans and fees: kept as the JSON they were created with, an id and the two times.</summary>
internal sealed class ResourceStore(TimeProvider clock, Func<string, string> newId)
{
    private readonly ConcurrentDictionary<string, JsonObject> _byId = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _order = new();

    /// <returns>The id.</returns>
    public string Add(string prefix, JsonObject fields, string? id = null)
    {
        id ??= newId(prefix);
        var now = clock.GetUtcNow().UtcDateTime.ToString("O");
        fields["id"] = id;
        fields["createdAt"] = now;
        fields["updatedAt"] = now;
        if (!_byId.TryAdd(id, fields)) throw new InvalidOperationException($"There is a {id} already.");
        _order.Enqueue(id);
        return id;
    }

    /// <summary>A copy: what is handed out can be changed without changing what is kept.</summary>
    public JsonObject? Find(string id) => _byId.TryGetValue(id, out var found) ? found.DeepClone().AsObject() : null;

    public IReadOnlyList<JsonObject> All(string prefix) =>
        [.. _order.Where(id => id.StartsWith(prefix + "_", StringComparison.Ordinal)).Select(id => Find(id)!)];

    public void Update(string id, JsonObject changes)
    {
        var next = Find(id)!;
        foreach (var (name, value) in changes) next[name] = value?.DeepClone();
        next["updatedAt"] = clock.GetUtcNow().UtcDateTime.ToString("O");
        _byId[id] = next;
    }
}
