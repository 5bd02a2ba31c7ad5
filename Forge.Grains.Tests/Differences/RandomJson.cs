using System.Globalization;

namespace Forge.Grains.Tests.Differences;

/// <summary>Makes documents, and changes of them, of a seed.</summary>
internal sealed class RandomJson(Random random)
{
    private static readonly string[] Names = ["", "a", "b", "a/b", "m~n", "~1", "é", "𝄞", "\"q\"", "\\", "0", "-", "content", " ", "\n"];

    private static readonly string[] Scalars =
    [
        "1", "1.0", "1e0", "1E0", "-0", "0", "true", "false", "null", "12345678901234567890123456789", "1e400", "0.1000", "-1.5e-300",
    ];

    /// <summary>A value of at most so many levels.</summary>
    public TestJson Value(int levels)
    {
        switch (levels == 0 ? 5 : random.Next(8))
        {
            case 0 or 1 or 2:
                var members = new TestObject();
                for (var i = random.Next(random.Next(6) == 0 ? 30 : 6); i > 0; i--)
                {
                    members.Members[Name()] = Value(levels - 1);
                }

                return members;
            case 3 or 4:
                var elements = new TestArray();
                for (var i = random.Next(random.Next(8) == 0 ? 40 : 8); i > 0; i--)
                {
                    elements.Elements.Add(Value(levels - 1));
                }

                return elements;
            default:
                return Scalar();
        }
    }

    /// <summary>A document with some places changed, which may be none.</summary>
    public TestJson Changed(TestJson document)
    {
        var changed = document.Copy();
        for (var i = random.Next(6); i > 0; i--)
        {
            var containers = Containers(changed).ToList();
            if (containers.Count == 0 || random.Next(30) == 0)
            {
                return Value(3);
            }

            var place = containers[random.Next(containers.Count)];
            if (place is TestArray array)
            {
                Change(array.Elements, containers);
            }
            else
            {
                Change(((TestObject)place).Members);
            }
        }

        return changed;
    }

    private void Change(List<TestJson> elements, List<TestJson> containers)
    {
        var at = random.Next(elements.Count + 1);
        switch (random.Next(6))
        {
            case 0:
                elements.Insert(at, Value(2));
                break;
            case 1 when at < elements.Count:
                elements.RemoveAt(at);
                break;
            case 2 when at < elements.Count:
                elements[at] = Value(2);
                break;
            case 3 when at < elements.Count:
                var moved = elements[at];
                elements.RemoveAt(at);
                elements.Insert(random.Next(elements.Count + 1), moved);
                break;
            case 4 when at < elements.Count && containers[random.Next(containers.Count)] is TestArray other
                && !Containers(elements[at]).Contains(other):
                var carried = elements[at];
                elements.RemoveAt(at);
                other.Elements.Insert(random.Next(other.Elements.Count + 1), carried);
                break;
            default:
                elements.AddRange(Enumerable.Range(0, random.Next(4)).Select(_ => Value(2)));
                break;
        }
    }

    private void Change(Dictionary<string, TestJson> members)
    {
        var name = members.Count > 0 ? members.Keys.ElementAt(random.Next(members.Count)) : "";
        switch (random.Next(4))
        {
            case 0 when members.Count > 0:
                members.Remove(name);
                break;
            case 1 when members.Count > 0:
                members.Remove(name, out var value);
                members[Name()] = value!;
                break;
            case 2 when members.Count > 0:
                members[name] = Value(2);
                break;
            default:
                members[Name()] = Value(2);
                break;
        }
    }

    private string Name() => random.Next(5) == 0 ? $"n{random.Next(100)}" : Names[random.Next(Names.Length)];

    private TestJson Scalar() => random.Next(3) switch
    {
        0 => new TestScalar(Scalars[random.Next(Scalars.Length)]),
        1 => new TestScalar(random.Next(10).ToString(CultureInfo.InvariantCulture)),
        _ => new TestText(string.Concat(Enumerable.Repeat(
            Names[random.Next(Names.Length)] + random.Next(20), random.Next(6) == 0 ? random.Next(20) : 1))),
    };

    private static IEnumerable<TestJson> Containers(TestJson value) => value switch
    {
        TestArray array => array.Elements.SelectMany(Containers).Prepend(array),
        TestObject members => members.Members.Values.SelectMany(Containers).Prepend(members),
        _ => [],
    };
}
