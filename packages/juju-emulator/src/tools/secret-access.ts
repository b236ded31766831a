import { quote } from '../format/go-quote';
import { stringOption } from '../format/option-parser';
import { applicationOfUnit, isApplicationName } from './names';
import { requireSecretUri } from './secret-arguments';
import type { SecretUri } from './secret-uri';
import type { Tool } from './tool';
import { checkEmpty, RelationArgument } from './tool-arguments';
import { usageError } from './tool-error';
import type { SecretGrant } from './uniter-api';

export const secretGrant: Tool = {
  name: 'secret-grant',
  purpose: 'Grant access to a secret.',
  usage: '<ID>',
  start: (context) => {
    const relation = new RelationArgument(context);
    let unit = '';
    let uri: SecretUri | undefined;
    return {
      options: [relation.option, stringOption(['unit'], (value) => void (unit = value))],
      init: (args) => {
        uri = requireSecretUri(args);
        const { otherApplication } = relation.required().facts;
        if (unit !== '') {
          const application = applicationOfUnit(unit);
          if (application === undefined) throw usageError(`unit ${quote(unit)} not valid`);
          if (application !== otherApplication) {
            throw usageError(
              `cannot specify unit ${quote(unit)} in relation to application ${quote(otherApplication)}`,
            );
          }
        }
        checkEmpty(args.slice(1));
      },
      run: async () => {
        const { key, otherApplication } = relation.required().facts;
        const subject: SecretGrant['subject'] =
          unit === '' ? { kind: 'application', name: otherApplication } : { kind: 'unit', name: unit };
        if (uri !== undefined) await context.secrets.grant(uri, key, subject);
      },
    };
  },
};

export const secretRevoke: Tool = {
  name: 'secret-revoke',
  purpose: 'Revoke access to a secret.',
  usage: '<ID>',
  start: (context) => {
    const relation = new RelationArgument(context);
    let unit = '';
    let application = '';
    let uri: SecretUri | undefined;
    return {
      options: [
        relation.option,
        stringOption(['app', 'application'], (value) => void (application = value)),
        stringOption(['unit'], (value) => void (unit = value)),
      ],
      init: (args) => {
        uri = requireSecretUri(args);
        if (application !== '' && !isApplicationName(application)) {
          throw usageError(`application ${quote(application)} not valid`);
        }
        if (unit !== '' && applicationOfUnit(unit) === undefined) throw usageError(`unit ${quote(unit)} not valid`);
        if (application !== '' && unit !== '') throw usageError('specify only one of application or unit');
        // The context's own relation counts as given.
        if (relation.relation !== undefined) {
          if (application !== '') throw usageError('do not specify both relation and app');
          application = relation.relation.facts.otherApplication;
        }
        if (application === '' && unit === '') throw usageError('missing relation or application or unit');
        checkEmpty(args.slice(1));
      },
      run: async () => {
        if (uri === undefined) return;
        await context.secrets.revoke(uri, {
          ...(application === '' ? {} : { application }),
          ...(unit === '' ? {} : { unit }),
        });
      },
    };
  },
};
