namespace Kameo.Actors.Generators.Tests;

/// <summary>Source that is legal but awkward: what is generated for it compiles without a warning.</summary>
public sealed class AwkwardSourceTests
{
    [Theory]
    [InlineData("public interface IA : IGrainWithStringKey { Task M(int call, int reference, int actor, int writer, int reader, int count, int result, int seed, int value); }")]
    [InlineData("public interface IA : IGrainWithStringKey { Task<int> M(int @class, string @string, CancellationToken cancellation); }")]
    [InlineData("public interface IA : IGrainWithStringKey { Task M(int a); Task M(string a); Task M2(); Task M(long a); Task M3(); }")]
    [InlineData("public interface IA : IGrainWithStringKey { Task Interface(); Task Reference(); Task Description(); Task Ask(); Task Call(); }")]
    [InlineData("public interface IA : IGrainWithStringKey { Task M(int Ask, int _actor, int Tell, int call, int call_, int reference, int Description, int MCall); Task _actor(int a); Task IATell(); }")]
    public void Names_that_generated_code_uses_too(string source) => Compiles(source);

    [Theory]
    [InlineData("namespace N { public class One { public interface IA : IGrainWithStringKey { Task M(); } } public class Two { public interface IA : IGrainWithStringKey { Task M(); } } }")]
    [InlineData("namespace A { public interface B_C : IGrainWithStringKey { Task M(); } } namespace A_B { public interface C : IGrainWithStringKey { Task M(); } }")]
    [InlineData("namespace A { public record B_C(int X); public record B(int X); } namespace A_B { public record C(int X); } namespace N { public record Box<T>(T Value); public interface IA : IGrainWithStringKey { Task M(A.B_C a, A_B.C b, Box<int> c, Box<int?> d, Box<int[]> e, Box<A.B> f); } }")]
    [InlineData("namespace A { public record Item(int X); public record item(int X); public interface IA : IGrainWithStringKey { Task M(Item a, item b); } public interface Ia : IGrainWithStringKey { Task M(); } }")]
    [InlineData("namespace N { public class One { public interface IA : IGrainWithStringKey { Task M(); } } public interface One_IA : IGrainWithStringKey { Task M(); } public struct IBTell; public interface IB : IGrainWithStringKey { Task M(); } }")]
    [InlineData("public interface ActorRegistration : IGrainWithStringKey { Task M(B b, C.BFormatter c); } public interface BFormatter : IGrainWithStringKey { Task M(); } public record B(int X); namespace C { public record BFormatter(int X); public record b(int X); public interface IC : IGrainWithStringKey { Task M(B a, b b); } }")]
    [InlineData("public record Box<T>(T Value); public interface IA : IGrainWithStringKey { Task M(Box<Box<Box<Box<Box<Box<Box<(DateTimeOffset first, Dictionary<Guid, TimeSpan> second, List<DateTimeOffset?> third)>>>>>>> a); }")]
    public void Names_that_differ_in_little(string source) => Compiles(source);

    [Theory]
    [InlineData("try")]
    [InlineData("event")]
    [InlineData("My.Event")]
    [InlineData("my-app")]
    public void Assemblies_of_any_name(string assembly) =>
        Assert.Empty(Driver.Generate(Driver.Compile("public record Text(string Value); public interface IA : IGrainWithStringKey { Task<Text> M(Text a); }", assembly: assembly)).Problems);

    [Theory]
    [InlineData("public interface IShared { Task Shared(int a); } public interface IA : IShared, IGrainWithStringKey { Task M(); } public class A : Actor, IA { public Task Shared(int a) => Task.CompletedTask; public Task M() => Task.CompletedTask; }")]
    [InlineData("public record User(string Name); public interface IRepository<T> { Task Put(T item); Task<T?> Get(string id); } public interface IUsers : IRepository<User>, IGrainWithStringKey;")]
    [InlineData("public interface IA : IGrainWithStringKey { Task M(int a) => Inner(a); private static int Twice(int a) => 2 * a; private Task Inner(int a) => Task.FromResult(Twice(a)); static int Count() => 1; }")]
    [InlineData("public partial interface IA { Task One(); } public partial interface IA : IGrainWithStringKey { Task Two(); } public partial interface IA : IAddressableToo { } public interface IAddressableToo { }")]
    [InlineData("public interface IOne { Task M(int a); } public interface ITwo { Task<int> M(int a); } public interface IA : IOne, ITwo, IGrainWithStringKey;")]
    [InlineData("public interface IOne { Task M(int a); } public interface IA : IOne, IGrainWithStringKey { Task IOne.M(int a) => Task.CompletedTask; sealed Task Twice(int a) => M(a); private int Q => 1; static int S => 2; protected Task Mine() => Task.CompletedTask; class Nested; }")]
    public void Interfaces_made_of_parts(string source) => Compiles(source);

    [Theory]
    [InlineData("public enum E { Low = -1 } public interface IA : IGrainWithStringKey { Task M(int a = 3, string? b = \"x\\\"y\", E c = E.Low, double d = double.NaN, decimal e = 1.5m, char f = '\\'', E? g = null, Guid h = default, long i = -1, CancellationToken j = default); } public static class Use { public static ValueTask Now(IA a) => a.Tell().M(); }")]
    [InlineData("public interface IA : IGrainWithStringKey { Task M(params int[] a); } public static class Use { public static ValueTask Now(IA a) => a.Tell().M(1, 2); }")]
    [InlineData("public interface IA : IGrainWithStringKey { Task M(int a, [System.Runtime.CompilerServices.CallerMemberName] string? b = null, [System.Runtime.CompilerServices.CallerArgumentExpression(\"a\")] string c = \"\", CancellationToken d = default); } public static class Use { public static ValueTask Now(IA a) => a.Tell().M(1); }")]
    [InlineData("public interface IA : IGrainWithStringKey { Task M(params IReadOnlyList<int> a); Task N([System.Runtime.InteropServices.Optional, System.Runtime.InteropServices.DefaultParameterValue(3)] int a, int b); } public static class Use { public static ValueTask Now(IA a) => a.Tell().M(1, 2); }")]
    [InlineData("public enum E : ulong { High = ulong.MaxValue } public interface IA : IGrainWithStringKey { Task M(sbyte a = -128, byte b = 255, short? c = -1, ushort d = 1, uint e = uint.MaxValue, long f = long.MinValue, ulong g = ulong.MaxValue, float h = float.NegativeInfinity, double i = -0.0, E j = E.High, bool k = true, int l = int.MinValue, char m = '\\\\', string n = \"\\n\\\\\", DateTime o = default, (int, int) p = default, List<int>? q = null, decimal r = -79228162514264337593543950335m, float s = 1e30f); } public static class Use { public static ValueTask Now(IA a) => a.Tell().M(); }")]
    public void Parameters_with_defaults_are_told_with_them(string source) => Compiles(source);

    [Theory]
    [InlineData("public class A(int? a = null, int b = -3, E c = E.Low, E? d = E.Low, double e = double.PositiveInfinity, string f = \"\\\"\", float g = 1.5f, decimal h = 0.1m, ulong i = ulong.MaxValue, Guid j = default) : Base(a, b, c, d, e, f, g, h, i, j);")]
    [InlineData("public class A([Microsoft.Extensions.DependencyInjection.FromKeyedServices(\"k\")] string? a = null, [Microsoft.Extensions.DependencyInjection.FromKeyedServices(E.Low)] Uri? b = null) : Base(a, b);")]
    [InlineData("public class A([Microsoft.Extensions.DependencyInjection.FromKeyedServices(typeof(List<int>))] Uri a, [Microsoft.Extensions.DependencyInjection.FromKeyedServices(new[] { 1, 2 })] Uri b, [Microsoft.Extensions.DependencyInjection.FromKeyedServices(double.NaN)] Uri c, [Microsoft.Extensions.DependencyInjection.FromKeyedServices(null)] Uri d) : Base(a, b, c, d);")]
    [InlineData("public class A : Base { protected internal A(Uri? a) : base(a) { } }")]
    [InlineData("public class A : Base { [System.Diagnostics.CodeAnalysis.SetsRequiredMembers] public A() { Name = string.Empty; } public required string Name { get; init; } }")]
    [InlineData("public class A(dynamic? a = null, (int a, string b) b = default, (int, int)? c = null, nint d = 3, params int[] e) : Base((object?)a, b, c, d, e);")]
    public void Actors_with_awkward_constructors(string source) =>
        Compiles("public enum E { Low = -1 } public interface IA : IGrainWithStringKey { Task M(); } public abstract class Base(params object?[] all) : Actor, IA { public Task M() => Task.FromResult(all); } " + source);

    [Fact]
    public void A_service_with_a_key_and_a_default_may_be_missing()
    {
        Run run = Driver.Generate("public interface IA : IGrainWithStringKey { Task M(); } public class A([Microsoft.Extensions.DependencyInjection.FromKeyedServices(\"k\")] int? a = 3) : Actor, IA { public Task M() => Task.FromResult(a); }");
        Assert.Contains(
            "new global::A((services as global::Microsoft.Extensions.DependencyInjection.IKeyedServiceProvider)?.GetKeyedService(typeof(int), \"k\") is int given0 ? given0 : 3)",
            run["ActorRegistration.g.cs"],
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("public class B { public int X { private get; set; } public int Y { get; set; } }")]
    [InlineData("public class Parent { public object? X { get; set; } } public class B : Parent { public new int X { get; set; } }")]
    [InlineData("public abstract class Parent { public abstract int X { get; set; } public virtual string Y { get; set; } = \"\"; } public class B : Parent { public override int X { get; set; } public override string Y { get; set; } = \"\"; }")]
    [InlineData("public class B { public B(int x) => X = x; public required int X { get; init; } }")]
    [InlineData("public class B { [System.Diagnostics.CodeAnalysis.SetsRequiredMembers] public B(int x) => X = x; public required int X { get; init; } }")]
    [InlineData("public record B { public required string Name { get; init; } public int Age { get; set; } = 5; }")]
    [InlineData("public record struct B() { public int X { get; set; } = 7; }")]
    [InlineData("public record B(int Count = 3, string Name = \"n\\\"\", DayOfWeek Day = (DayOfWeek)(-1), double? D = 1.5);")]
    [InlineData("public sealed record B(int X) { [System.Runtime.Serialization.IgnoreDataMember] public Other? Skipped { get; } } public class Other { public Third? T { get; set; } public object? O { get; set; } } public class Third { public Other? Back { get; set; } }")]
    [InlineData("[Alias(\"with \\\" and \\\\ in it\")] public record B(int X); public class AliasAttribute(string name) : Attribute { public string Name => name; }")]
    [InlineData("public class Parent { public virtual int X { get; set; } } public class B : Parent { public override int X { get => base.X; } public required int Y; public B(out int y) { y = 0; } public B() { } }")]
    [InlineData("public class B { internal B() { } protected internal B(int x) => X = x; public int X { get; } }")]
    public void Messages_with_awkward_members(string source) => Compiles("public interface IA : IGrainWithStringKey { Task<B> M(B b, List<B>? c); } " + source);

    [Fact]
    public void An_alias_may_hold_any_text() =>
        Compiles("namespace Orleans { public class AliasAttribute(string name) : Attribute { public string Name => name; } } [Orleans.Alias(\"a \\\" and \\\\ \\n in it\")] public interface IA : IGrainWithStringKey { Task M(); } [Orleans.Alias(\"b \\\"\")] public class A : Actor, IA { public Task M() => Task.CompletedTask; }");

    private static void Compiles(string source)
    {
        Run run = Driver.Generate(source);
        Assert.Empty(run.Diagnostics);
        Assert.Empty(run.Problems);
    }
}
