namespace Gateway.Configuration;

/// <summary>
/// Configuration that knows the children of each section. .NET's own providers look through all keys there are each time they are asked for some, and
/// are asked a dozen times for each route: with 5,000 routes that took more than a minute.
/// </summary>
internal abstract class IndexedConfigurationProvider : ConfigurationProvider
{
    private Index? _index;

    public override void Set(string key, string? value)
    {
        base.Set(key, value);
        Volatile.Write(ref _index, null);
    }

    public override IEnumerable<string> GetChildKeys(IEnumerable<string> earlierKeys, string? parentPath)
    {
        var index = Volatile.Read(ref _index);
        if (index is null || !ReferenceEquals(index.Of, Data)) Volatile.Write(ref _index, index = new Index(Data));
        List<string> keys = [.. index.Under(parentPath ?? ""), .. earlierKeys];
        keys.Sort(ConfigurationKeyComparer.Instance);
        return keys;
    }

    private sealed class Index
    {
        private readonly Dictionary<string, HashSet<string>> _children = new(StringComparer.OrdinalIgnoreCase);

        public Index(IDictionary<string, string?> data)
        {
            Of = data;
            foreach (var key in data.Keys) Add(key);
        }

        public IDictionary<string, string?> Of { get; }

        public HashSet<string> Under(string parent) => _children.TryGetValue(parent, out var children) ? children : [];

        private void Add(string key)
        {
            // From the leaf up: where a section is known, so are those above it.
            while (true)
            {
                var end = key.LastIndexOf(ConfigurationPath.KeyDelimiter[0]);
                var parent = end < 0 ? "" : key[..end];
                var isKnown = _children.TryGetValue(parent, out var children);
                if (!isKnown) _children[parent] = children = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
                children!.Add(key[(end + 1)..]);
                if (isKnown || parent.Length == 0) return;
                key = parent;
            }
        }
    }
}
