using MessagePack;
using Orleans;
using Orleans.Concurrency;

namespace MessagePack
{
    /// <summary>The attributes of MessagePack-CSharp are matched by name.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    internal sealed class MessagePackObjectAttribute : Attribute;

    [AttributeUsage(AttributeTargets.Property)]
    internal sealed class KeyAttribute(int position) : Attribute
    {
        public int Position => position;
    }

    [AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
    internal sealed class UnionAttribute(int key, Type type) : Attribute
    {
        public int Key => key;

        public Type Type => type;
    }
}

namespace Shapes
{
    internal interface IShapes : IGrainWithStringKey
    {
        Task Send(Node a, Animal b, Defaults c, Built d, Keyed e, Started f, Hiding g, Taken h);

        Task Send(Immutable<int[]> a, Frozen b, Older c, Newer d, Writable e);

        Task Send(Stone a);
    }

    internal sealed class Node
    {
        public Node? Next { get; set; }

        public List<Node> Others { get; set; } = [];
    }

    [Union(0, typeof(Cat))]
    [Union(1, typeof(Dog))]
    internal abstract class Animal;

    internal sealed class Cat : Animal
    {
        public Animal? Friend { get; set; }
    }

    internal sealed class Dog : Animal;

    /// <summary>Is no case.</summary>
    internal sealed class Fox : Animal;

    [Immutable]
    [Kameo.Actors.Serialization.Union(0, typeof(Ice))]
    internal abstract class Frozen;

    internal sealed class Ice : Frozen
    {
        public int[]? Crystals { get; set; }
    }

    /// <summary>Is no case.</summary>
    internal sealed class Slush : Frozen;

    [Immutable]
    internal class Stone
    {
        public int Weight { get; set; }
    }

    internal sealed class Gem : Stone;

    internal sealed class Defaults
    {
        public int Set { get; set; } = 1;

        public int Init { get; init; } = 2;

        public required string Required { get; init; }

        public List<int> Many { get; set; } = [3];

        public int Field = 4;

        public string Unset
        {
            get => field ?? throw new InvalidOperationException("It was never set.");
            set;
        }
    }

    internal sealed record Built(int Count = 5, string Name = "six", DayOfWeek Day = DayOfWeek.Friday)
    {
        public int More { get; init; } = Count + 1;
    }

    [MessagePackObject]
    internal sealed class Keyed
    {
        [Key(0)]
        public int First { get; set; } = 1;

        [Key(2)]
        public int Third { get; init; } = 3;
    }

    internal record struct Started()
    {
        public int Number { get; set; } = 7;
    }

    internal class Shown
    {
        public string X { get; set; } = "hidden";
    }

    internal sealed class Hiding : Shown
    {
        public new int X { get; set; }
    }

    internal sealed class Taken(int x)
    {
        public required int X { get; init; } = x;

        public int Times { get; } = x;
    }

    internal sealed record Older(int Number, string Text);

    internal sealed record Newer(string Text, double Added, int Number);

    internal sealed class Writable
    {
        public int Seen { get; set; }

        public int Secret { private get; set; }

        public int Reveal() => Secret;
    }
}
