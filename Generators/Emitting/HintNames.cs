using Kameo.Actors.Generators.Models;
using Kameo.Actors.Generators.Parsing;

namespace Kameo.Actors.Generators.Emitting;

/// <summary>Names of generated files. The compiler takes two names that differ only by case for one, and stops a generator that gives both.</summary>
internal static class HintNames
{
    /// <summary>Gives each model its file.</summary>
    /// <param name="models">All models of one kind.</param>
    /// <param name="nameOf">The name that a model's code has; distinct, if case counts.</param>
    public static IEnumerable<Named<T>> Assign<T>(IEnumerable<T> models, Func<T, string> nameOf)
        where T : class, IEquatable<T> =>
        from same in models.GroupBy(nameOf, StringComparer.OrdinalIgnoreCase)
        let isAlone = same.Count() == 1
        from model in same
        select new Named<T>(model, isAlone ? nameOf(model) : Naming.WithHash(nameOf(model), nameOf(model)));
}
