namespace Kameo.Actors.Generators.Tests;

/// <summary>Which methods have a struct of their arguments, by which a local ask may run on its caller's stack.</summary>
public sealed class InlineAskTests
{
    [Theory]
    [InlineData("Task<int> M(int a, string b);", "this.AskInline<MInline, int>(new MInline { _a = a, _b = b }).AsTask()")]
    [InlineData("ValueTask<string> M();", "this.AskInline<MInline, string>(new MInline {  })")]
    [InlineData("ValueTask M(int @event);", "this.AskInline<MInline>(new MInline { _event = @event })")]
    [InlineData("[OneWay] Task M(int a);", "this.TellInline<MInline>(new MInline { _a = a }).AsTask()")]
    public void A_method_without_a_token_has_one(string method, string call)
    {
        Run run = Driver.Generate($"public interface IA : IGrainWithStringKey {{ {method} }}");
        Assert.Empty(run.Problems);
        Assert.Contains(call, run["IA.g.cs"], StringComparison.Ordinal);
        Assert.Contains(".Tells.Send<", run["IA.g.cs"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("public interface IA : IGrainWithStringKey { Task<int> M(int a, CancellationToken b); }")]
    [InlineData("public interface IA : IGrainWithStringKey { IAsyncEnumerable<int> M(int a); }")]
    [InlineData("public interface IA : IGrainObserver { Task M(int a); }")]
    public void Others_have_none(string source)
    {
        Run run = Driver.Generate(source);
        Assert.Empty(run.Problems);
        Assert.DoesNotContain("Inline", run["IA.g.cs"], StringComparison.Ordinal);
    }

    [Fact]
    public void Overloads_have_one_each()
    {
        Run run = Driver.Generate("public interface IA : IGrainWithStringKey { Task M(int a); Task M(string a); Task MInline(List<int> a); }");
        Assert.Empty(run.Problems);
        Assert.Equal(3, run["IA.g.cs"].Split("internal struct ").Length - 1);
    }
}
