using System.Globalization;
using System.Text;
using Forge.Differences;
using Forge.Differences.Json;

namespace Forge.Grains.Tests.Differences;

/// <summary>
/// Applies patches as RFC 6902 says, and refuses what it forbids: a place that is not there, an index with a leading zero or out of bounds,
/// a move into itself.
/// </summary>
internal static class TestPatch
{
    /// <summary>Compares two documents and expects a patch that makes the one of the other.</summary>
    public static JsonPatch Make(string from, string to, JsonDifferenceLimits? limits = null) =>
        Make(Encoding.UTF8.GetBytes(from), Encoding.UTF8.GetBytes(to), limits);

    public static JsonPatch Make(byte[] from, byte[] to, JsonDifferenceLimits? limits = null)
    {
        var patch = Assert.IsType<JsonPatch>(JsonDifference.Compare(from, to, limits, TestContext.Current.CancellationToken));
        Assert.Equal(TestJson.Parse(to).Canonical(), Apply(TestJson.Parse(from), patch.Bytes.Span).Canonical());
        return patch;
    }

    public static string Text(this JsonPatch patch) => Encoding.UTF8.GetString(patch.Bytes.Span);

    public static TestJson Apply(TestJson document, ReadOnlySpan<byte> patch)
    {
        foreach (var operation in ((TestArray)TestJson.Parse(patch)).Elements.Cast<TestObject>())
        {
            var path = Text(operation, "path");
            switch (Text(operation, "op"))
            {
                case "add":
                    Add(ref document, path, operation.Members["value"]);
                    break;
                case "remove":
                    Remove(document, path);
                    break;
                case "replace" when path.Length == 0:
                    document = operation.Members["value"].Copy();
                    break;
                case "replace":
                    Replace(document, path, operation.Members["value"]);
                    break;
                case "move":
                    var from = Text(operation, "from");
                    Assert.False(path.StartsWith(from + "/", StringComparison.Ordinal));
                    Add(ref document, path, Remove(document, from));
                    break;
                case var other:
                    Assert.Fail($"There is an operation '{other}'.");
                    break;
            }
        }

        return document;
    }

    private static string Text(TestObject operation, string name) => ((TestText)operation.Members[name]).Value;

    private static void Add(ref TestJson document, string path, TestJson value)
    {
        switch (Find(document, path, out var name))
        {
            case TestArray array:
                array.Elements.Insert(Index(name, array.Elements.Count), value.Copy());
                break;
            case TestObject members:
                members.Members[name] = value.Copy();
                break;
            default:
                Assert.Fail($"{path} is in no container.");
                break;
        }
    }

    private static TestJson Remove(TestJson document, string path)
    {
        switch (Find(document, path, out var name))
        {
            case TestArray array:
                var index = Index(name, array.Elements.Count - 1);
                var element = array.Elements[index];
                array.Elements.RemoveAt(index);
                return element;
            case TestObject members when members.Members.Remove(name, out var member):
                return member;
            default:
                throw new InvalidOperationException($"{path} is not there.");
        }
    }

    private static void Replace(TestJson document, string path, TestJson value)
    {
        switch (Find(document, path, out var name))
        {
            case TestArray array:
                array.Elements[Index(name, array.Elements.Count - 1)] = value.Copy();
                break;
            case TestObject members when members.Members.ContainsKey(name):
                members.Members[name] = value.Copy();
                break;
            default:
                throw new InvalidOperationException($"{path} is not there.");
        }
    }

    /// <summary>The container of a place, and the place's name in it.</summary>
    private static TestJson Find(TestJson document, string path, out string name)
    {
        var names = path.Split('/');
        Assert.True(names.Length > 1 && names[0].Length == 0, path);
        foreach (var step in names[1..^1])
        {
            document = document switch
            {
                TestArray array => array.Elements[Index(step, array.Elements.Count - 1)],
                TestObject members => members.Members[Plain(step)],
                _ => throw new InvalidOperationException($"{path} is not there."),
            };
        }

        name = Plain(names[^1]);
        return document;
    }

    private static string Plain(string step) =>
        step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);

    private static int Index(string step, int greatest)
    {
        var index = int.Parse(step, NumberStyles.None, CultureInfo.InvariantCulture);
        Assert.Equal(step, index.ToString(CultureInfo.InvariantCulture));
        Assert.InRange(index, 0, greatest);
        return index;
    }
}
