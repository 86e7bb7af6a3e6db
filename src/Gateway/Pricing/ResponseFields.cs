using System.Text;

namespace Gateway.Pricing;

/// <summary>The fields of an answer's JSON that a route's meters look at.</summary>
internal sealed class ResponseFields
{
    private int _count;

    internal Node Root { get; } = new([]);

    /// <summary>How many values there are.</summary>
    public int Count => _count;

    /// <summary>Index of a path's value; two spellings of one path share it.</summary>
    public int Add(IEnumerable<string> names)
    {
        var node = Root;
        foreach (var name in names)
        {
            var utf8 = Encoding.UTF8.GetBytes(name);
            var child = node.Find(utf8);
            if (child is null) node.Children.Add(child = new Node(utf8));
            node = child;
        }

        if (node.Field < 0) node.Field = _count++;
        return node.Field;
    }

    internal sealed class Node(byte[] name)
    {
        public List<Node> Children { get; } = [];

        public int Field { get; set; } = -1;

        public Node? Find(ReadOnlySpan<byte> key)
        {
            foreach (var child in Children)
            {
                if (key.SequenceEqual(child.Name)) return child;
            }

            return null;
        }

        private byte[] Name => name;
    }
}
